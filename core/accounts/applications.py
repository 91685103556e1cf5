"""Own applications: create, describe, limit, take out of service, and their API keys."""

from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from beanie.odm.utils.encoder import Encoder
from bson import ObjectId
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pymongo.errors import DuplicateKeyError

from core import audit
from core.accounts.access import KEY_PREFIX, acting, forget_key
from core.accounts.credentials import Credential, new_credential
from core.documents import Application, Limits, User
from core.documents.application import RetentionDays
from core.errors import Conflict, NotAllowed, NotFound
from core.values.body import ModelName, Text
from core.values.line import Line
from core.values.scope import Scope
from prompthub.wire.literals import LogContent

FIRST_NAME = "default"
# What of a key is shown afterwards: enough to tell keys apart, too little to guess one.
SHOWN_CHARACTERS = len(KEY_PREFIX) + 6


def _known_zone(name: str) -> str:
    if not _is_zone(name):
        msg = "is no time zone of the IANA database, such as Europe/Paris"
        raise ValueError(msg)
    return name


def _is_zone(name: str) -> bool:
    # Zones that count leap seconds, and the one of this machine, are not of the database.
    if name.startswith(("right/", "posix/")) or name == "localtime":
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


ApplicationName = Annotated[Line, Field(min_length=1, max_length=100)]
Description = Annotated[Text, Field(max_length=5000)]
TimeZone = Annotated[Text, Field(max_length=64), AfterValidator(_known_zone)]


class NewApplication(BaseModel):
    """What an application starts with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ApplicationName
    description: Description = ""


class ApplicationChanges(BaseModel):
    """Changes to an application; what is not set stays as it is.

    Of the fields only `retention_days` may be set to None: then logs are kept for ever.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ApplicationName | None = None
    description: Description | None = None
    allowed_models: Annotated[tuple[ModelName, ...], Field(max_length=200)] | None = None
    limits: Limits | None = None
    log_content: LogContent | None = None
    retention_days: RetentionDays | None = None
    time_zone: TimeZone | None = None

    def to_store(self) -> dict[str, Any]:
        """Return the fields that were set, as BSON takes them."""
        given = self.model_dump(exclude_unset=True)
        kept = {k: v for k, v in given.items() if v is not None or k == "retention_days"}
        return Encoder().encode(kept)


class Created(NamedTuple):
    """An application with its key, which is shown this once."""

    application: Application
    api_key: SecretStr


async def create_application(scope: Scope, new: NewApplication) -> Created:
    """Store a new application of the caller, who owns it.

    Raises:
        NotAllowed: the caller is no person.
    """
    if scope.user_id is None:
        raise NotAllowed("Only people own applications.")
    credential = new_credential(KEY_PREFIX)
    application = Application(
        name=new.name, description=new.description, owner_id=scope.user_id, **_stored(credential)
    )
    await application.insert()
    await _record(scope, "application.create", application, after={"name": new.name})
    return Created(application, credential.secret)


def _stored(credential: Credential) -> dict[str, Any]:
    return {
        "api_key_hash": credential.digest,
        "api_key_prefix": credential.secret.get_secret_value()[:SHOWN_CHARACTERS],
    }


async def _record(scope: Scope, action: str, application: Application, **facts: Any) -> None:
    target = f"application:{application.key}"
    await audit.record(scope, action, target, application_id=application.key, **facts)


async def open_first_application(founder: User) -> None:
    """Store the application that the first account starts with; repeating it does nothing.

    Nobody has seen its key; the owner regenerates it when a client needs one.
    """
    application = Application(
        name=FIRST_NAME, owner_id=founder.key, **_stored(new_credential(KEY_PREFIX))
    )
    # The founder's own id makes the second insert of two a duplicate.
    application.id = founder.id
    try:
        await application.insert()
    except DuplicateKeyError:
        return
    after = {"name": FIRST_NAME}
    await _record(acting(founder), "application.create", application, after=after)


async def get_application(scope: Scope, application_id: ObjectId) -> Application:
    """Return an application that the caller may see.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    key = str(application_id)
    scope.require("viewer", application_id, kind="application", key=key)
    application = await Application.find_first({"_id": application_id})
    if application is None:
        raise NotFound("application", key)
    return application


async def list_applications(scope: Scope, *, active_only: bool = False) -> list[Application]:
    """Return all applications that the caller may see, by name."""
    query: dict[str, Any] = {"is_active": True} if active_only else {}
    if not scope.sees_everything:
        query["_id"] = {"$in": list(scope.roles)}
    return await Application.find(query).sort("name", "_id").to_list()


async def get_administered(scope: Scope, application_id: ObjectId) -> Application:
    """Return an application that the caller administers.

    Raises:
        NotFound: there is none, or it is somebody else's.
        NotAllowed: the caller's role is lower.
    """
    scope.require("admin", application_id, kind="application", key=str(application_id))
    return await get_application(scope, application_id)


async def update_application(
    scope: Scope, application_id: ObjectId, changes: ApplicationChanges
) -> Application:
    """Store the changes that were set and return the application as it is then.

    Raises:
        NotFound: there is none, or it is somebody else's.
        NotAllowed: the caller is no admin of it.
    """
    before = await get_administered(scope, application_id)
    fields = changes.to_store()
    if not fields:
        return before
    after = await _change(before, {}, fields)
    names = set(fields)
    await _record(
        scope,
        "application.update",
        after,
        before=before.model_dump(mode="json", include=names),
        after=after.model_dump(mode="json", include=names),
    )
    return after


async def _change(
    application: Application, old: dict[str, Any], fields: dict[str, Any]
) -> Application:
    after = await Application.change_one({"_id": application.key, **old}, fields)
    if after is None:
        raise Conflict("The application was changed by somebody else meanwhile; look again.")
    return after


async def deactivate_application(
    scope: Scope, application_id: ObjectId, *, reason: str = ""
) -> Application:
    """Take an application out of service: its key is refused at once, its data stays readable.

    Raises:
        NotFound: there is none, or it is somebody else's.
        NotAllowed: the caller is no admin of it.
    """
    return await _switch(scope, application_id, is_active=False, reason=reason)


async def restore_application(
    scope: Scope, application_id: ObjectId, *, reason: str = ""
) -> Application:
    """Put an application back into service, with the key it had.

    Raises:
        NotFound: there is none, or it is somebody else's.
        NotAllowed: the caller is no admin of it.
    """
    return await _switch(scope, application_id, is_active=True, reason=reason)


async def _switch(
    scope: Scope, application_id: ObjectId, *, is_active: bool, reason: str
) -> Application:
    application = await get_administered(scope, application_id)
    if application.is_active != is_active:
        application = await _change(application, {}, {"is_active": is_active})
        action = "application.restore" if is_active else "application.deactivate"
        await _record(scope, action, application, reason=reason)
    if not is_active:  # also when another call did it, perhaps a moment ago
        await forget_key(application.api_key_hash)
    return application


async def regenerate_key(scope: Scope, application_id: ObjectId) -> Created:
    """Replace the key; the old one is refused at once.

    It is one compare-and-set on the old key's digest: of several calls at the same moment one
    gets a key and the others are told so.

    Raises:
        NotFound: there is none, or it is somebody else's.
        NotAllowed: the caller is no admin of it.
        Conflict: somebody else regenerated it at the same moment.
    """
    application = await get_administered(scope, application_id)
    credential = new_credential(KEY_PREFIX)
    after = await _change(
        application,
        {"api_key_hash": application.api_key_hash},
        {**_stored(credential), "api_key_last_used_at": None},
    )
    prefixes = {"api_key_prefix": application.api_key_prefix}
    await _record(
        scope,
        "application.regenerate_key",
        after,
        before=prefixes,
        after={"api_key_prefix": after.api_key_prefix},
    )
    await forget_key(application.api_key_hash)
    return Created(after, credential.secret)
