"""Own taking a file over REST: a form of a few fields and one file, within its limit."""

from collections.abc import AsyncGenerator
from typing import Any, Final, NamedTuple

from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from typing_extensions import override

from core.api.strict_route import UserRunRoute
from core.errors import Invalid, TooLarge, UnsupportedMedia

FORM: Final = "multipart/form-data"
# Around the file: the fields, and the borders between the parts.
AROUND_BYTES: Final = 64 * 1024


class Upload(NamedTuple):
    """The fields of a form and its file."""

    fields: dict[str, str]
    name: str
    data: bytes


class UserUploadRoute(UserRunRoute):
    """A route for signed-in users that takes a form with a file."""

    statuses = UserRunRoute.statuses | {413, 415}

    @override
    def __init__(self, path: str, endpoint: Any, **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        properties = {
            "application_id": {"type": "string", "pattern": "^[0-9a-fA-F]{24}$"},
            "file": {"type": "string", "format": "binary"},
        }
        shape = {"type": "object", "properties": properties, "required": list(properties)}
        body = {"required": True, "content": {FORM: {"schema": shape}}}
        self.openapi_extra = {**(self.openapi_extra or {}), "requestBody": body}


async def read_upload(request: Request, *, fields: frozenset[str], limit: int) -> Upload:
    """Return the form that a request carries; nothing beyond the limit is kept.

    Raises:
        UnsupportedMedia: it is no form.
        Invalid: it is damaged, a field is unknown or missing, or there is not one file.
        TooLarge: the file is larger than `limit` bytes.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise UnsupportedMedia(request.headers.get("content-type", ""))
    too_large = TooLarge(f"The file is larger than {limit} bytes.", field="file", limit=limit)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit + AROUND_BYTES:
        raise too_large

    async def bounded() -> AsyncGenerator[bytes]:
        left = limit + AROUND_BYTES
        async for chunk in request.stream():
            left -= len(chunk)
            if left < 0:
                raise too_large
            yield chunk

    try:
        parser = MultiPartParser(request.headers, bounded(), max_files=1, max_fields=len(fields))
        form = await parser.parse()
    except (MultiPartException, FormParserError, KeyError, UnicodeError):
        raise Invalid(
            "The form cannot be read.",
            field="body",
            remedy=f"Send {', '.join(sorted(fields))} and one file as multipart/form-data.",
        ) from None
    try:
        return await _take(form.multi_items(), fields, limit, too_large)
    finally:
        await form.close()


async def _take(
    parts: list[tuple[str, UploadFile | str]], fields: frozenset[str], limit: int, large: TooLarge
) -> Upload:
    said: dict[str, str] = {}
    upload: Upload | None = None
    for name, part in parts:
        if isinstance(part, UploadFile) and name == "file" and upload is None:
            data = await part.read()
            if len(data) > limit:
                raise large
            upload = Upload(said, _tidy(part.filename or ""), data)
        elif isinstance(part, str) and name in fields and name not in said:
            said[name] = part
        else:
            raise Invalid("There is no such field here.", field=name[:200], remedy="Leave it out.")
    for name in sorted(fields - said.keys()):
        raise Invalid("The field is missing.", field=name, remedy="Add it to the form.")
    if upload is None:
        raise Invalid("There is no file.", field="file", remedy="Add one as the part file.")
    return upload


def _tidy(name: str) -> str:
    """Return a file's own name, fit to be shown; it is never used as a path."""
    own = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in own if letter.isprintable())[:200]
