"""Own the commands about the MongoDB server."""

import asyncio
from argparse import Namespace

from core.admin.console import say
from core.database import embedded
from core.database.connect import reached
from core.database.embedded.binary import find_mongod
from core.settings import MongoSettings, Settings


async def tell_status(settings: Settings, _: Namespace) -> None:
    """Tell which server is used and whether it runs, without starting it.

    Raises:
        NotConfigured: no server can be started here, or the URI is wrong.
        Unavailable: the server of the URI does not answer.
    """
    if settings.mongo.uri is not None:
        async with reached(settings.mongo.uri.get_secret_value(), settings.mongo.database) as own:
            version = (await own.command("buildInfo"))["version"]
        say(f"Your own MongoDB {version} (PROMPTHUB_MONGO__URI) answers.")
        return
    await asyncio.to_thread(_tell_embedded, settings, settings.mongo)


async def stop(settings: Settings, _: Namespace) -> None:
    """Stop the embedded server.

    Raises:
        Conflict: the application is running.
    """
    if settings.mongo.uri is not None:
        say("PROMPTHUB_MONGO__URI names a MongoDB of your own, which is yours to stop.")
        return
    was_running = await asyncio.to_thread(embedded.stop, settings.data_dir)
    say("The embedded MongoDB is stopped." if was_running else "No embedded MongoDB was running.")


def _tell_embedded(settings: Settings, mongo: MongoSettings) -> None:
    status = embedded.status(settings.data_dir)
    mongod = find_mongod(mongo.mongod)
    say(f"Embedded MongoDB {mongod.version}: {mongod.path}")
    say(f"Data folder: {settings.data_dir.absolute()}")
    if status.pid is None:
        say("It is not running; the application starts it.")
        return
    use = "in use" if status.is_in_use else "used by nobody; mongo-stop ends it"
    say(f"It is running as process {status.pid} on 127.0.0.1:{status.port}, {use}.")
