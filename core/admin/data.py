"""Own the commands about the stored data: import, backup, restore."""

from argparse import Namespace
from pathlib import Path

from core.admin.accounts import find_user
from core.admin.console import Progress, complain, say
from core.database import backup
from core.database.open import opened, served
from core.documents import Application
from core.errors import Conflict, Invalid, NotFound
from core.prompts.bulk import import_prompts
from core.prompts.reading import Reading, read_leniently
from core.search.embedding import embed_new
from core.settings import Settings
from core.values.scope import SYSTEM


async def bring_in(settings: Settings, arguments: Namespace) -> None:
    """Import prompts into an application.

    Raises:
        Invalid: the file cannot be read, or a line is no prompt; nothing is imported.
        NotFound, Conflict: there is no such application, or there are several.
    """
    found = _read(arguments.file, publish=not arguments.draft)
    async with opened(settings.mongo, settings.data_dir):
        application = await _find_application(arguments.application, arguments.owner)
        counts = await import_prompts(SYSTEM, application.key, found.records, progress=Progress())
        if arguments.embed:
            say("Making them ready for search by meaning ...")
            hindrance = await embed_new(settings.embeddings, Progress())
            if hindrance:
                complain(hindrance)
    say(
        f"{counts.created} new, {counts.updated} with a new version, {counts.unchanged} unchanged;"
        f" {found.plain} of them kept as plain text because they are no templates."
    )


def _read(path: Path, *, publish: bool) -> Reading:
    try:
        # Bytes, because text is also split at line ends that JSON allows within a string.
        found = read_leniently(path.read_bytes().splitlines(), publish=publish)
    except OSError as error:
        raise Invalid(f"The file {path} cannot be read: {error.strerror}.", field="file") from error
    if found.problems:
        raise found.problems[0]
    return found


async def save(settings: Settings, arguments: Namespace) -> None:
    """Write a backup.

    Raises:
        Invalid: the file cannot be written.
    """
    async with opened(settings.mongo, settings.data_dir) as database:
        contents = await backup.save(database, settings.data_dir, arguments.file)
    say(f"{arguments.file} holds {_describe(contents)}. Keep it as safe as a password.")


async def bring_back(settings: Settings, arguments: Namespace) -> None:
    """Restore a backup.

    Raises:
        Conflict: the database is not empty, or the application is running.
        Invalid: the file is cut or damaged.
    """
    async with served(settings.mongo, settings.data_dir, alone=True) as database:
        contents = await backup.restore(
            database, settings.data_dir, arguments.file, replace=arguments.replace
        )
    say(f"Restored {_describe(contents)}, as of {contents.made_at:%Y-%m-%d %H:%M} UTC.")


def _describe(contents: backup.Contents) -> str:
    documents = sum(contents.documents.values())
    secrets = f" and {', '.join(contents.secrets)}" if contents.secrets else ""
    return f"{documents} documents of {len(contents.documents)} collections{secrets}"


async def _find_application(name: str, owner: str | None) -> Application:
    query = {"name": name} | ({"owner_id": (await find_user(owner)).key} if owner else {})
    found = await Application.find(query).limit(2).to_list()
    if not found:
        raise NotFound("application", name)
    if len(found) > 1:
        raise Conflict(f"There are several applications named {name!r}; add --owner EMAIL.")
    return found[0]
