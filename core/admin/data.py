"""Own the commands about the stored data: import, export, backup, restore."""

from argparse import Namespace
from pathlib import Path
from typing import get_args

from core import transfer
from core.admin.accounts import find_user
from core.admin.console import Progress, complain, say
from core.database import backup
from core.database.open import opened, served
from core.documents import Application
from core.errors import Conflict, Invalid, NotFound
from core.prompts.bulk import import_prompts
from core.prompts.reading import read_leniently
from core.search.embedding import embed_new
from core.settings import Settings
from core.transfer import ExportQuery
from core.transfer.incoming import is_export
from core.values import strict_json
from core.values.scope import SYSTEM
from prompthub.wire.transfer import SCHEMA, ImportOutcome


async def bring_in(settings: Settings, arguments: Namespace) -> None:
    """Import prompts into an application, from an export or from JSON Lines.

    Raises:
        Invalid: the file cannot be read; or a line is no prompt, and nothing is imported.
        NotFound, Conflict: there is no such application, or there are several; or some prompts of
            an export were refused, and the others were taken.
    """
    contents = _read(arguments.file)
    if is_export(contents):
        await _bring_in_export(settings, arguments, contents)
        return
    if arguments.dry_run or arguments.move_labels:
        raise Invalid(
            "--dry-run and --move-labels are for exports; the file is none.", field="file"
        )
    # Bytes, because text is also split at line ends that JSON allows within a string.
    found = read_leniently(contents.splitlines(), publish=not arguments.draft)
    if found.problems:
        raise found.problems[0]
    async with opened(settings.mongo, settings.data_dir):
        application = await _find_application(arguments.application, arguments.owner)
        counts = await import_prompts(SYSTEM, application.key, found.records, progress=Progress())
        if arguments.embed:
            await _embed(settings)
    say(
        f"{counts.created} new, {counts.updated} with a new version, {counts.unchanged} unchanged;"
        f" {found.plain} of them kept as plain text because they are no templates."
    )


async def _embed(settings: Settings) -> None:
    say("Making them ready for search by meaning ...")
    hindrance = await embed_new(settings.embeddings, Progress())
    if hindrance:
        complain(hindrance)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"The file {path} cannot be read: {error.strerror}.", field="file") from error


async def _bring_in_export(settings: Settings, arguments: Namespace, contents: bytes) -> None:
    file = strict_json.parse(contents)
    if file.get("schema", SCHEMA) != SCHEMA or not isinstance(file.get("prompts"), list):
        raise Invalid(f"The file is no export of schema {SCHEMA}.", field="file")
    async with opened(settings.mongo, settings.data_dir):
        application = await _find_application(arguments.application, arguments.owner)
        report = await transfer.bring_in(
            SYSTEM,
            application.key,
            file["prompts"],
            dry_run=arguments.dry_run,
            move_labels=arguments.move_labels,
            as_drafts=arguments.draft,
            progress=Progress(),
        )
        if arguments.embed and not report.dry_run:
            await _embed(settings)
    for item in report.items:
        for why in item.problems:
            complain(f"{item.prompt_id}: {why.field}: {why.message}", why.remedy)
    counts = (f"{report.count(one)} {one}" for one in get_args(ImportOutcome))
    say(f"{', '.join(counts)}{'; nothing was stored' if report.dry_run else ''}.")
    if report.count("refused"):
        raise Conflict("Some prompts were refused.")


async def take_out(settings: Settings, arguments: Namespace) -> None:
    """Write prompts of an application into a file.

    Raises:
        Invalid: the file cannot be written.
        NotFound, Conflict: there is no such application or prompt, or there are several.
    """
    async with opened(settings.mongo, settings.data_dir):
        application = await _find_application(arguments.application, arguments.owner)
        query = ExportQuery(application_id=application.key, prompt_ids=tuple(arguments.prompt))
        export = await transfer.export_prompts(SYSTEM, query)
        try:
            with arguments.file.open("wb") as file:
                async for piece in export.pieces:
                    file.write(piece)
        except OSError as error:
            raise Invalid(
                f"The file {arguments.file} cannot be written: {error.strerror}.", field="file"
            ) from error
    say(f"{arguments.file} holds the prompts of {application.name}.")


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
