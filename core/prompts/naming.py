"""Own readable ids, tags and folders: what they may look like, and ids made from names."""

import re
import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from core.errors import Invalid
from core.values.body import Text
from core.values.line import Line
from core.values.semver import LABEL

PROMPT_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
# Paths of the REST API and selectors that a prompt of the same name would hide.
RESERVED_IDS: Final = frozenset(
    {"search", "semantic-search", "duplicates", "import", "export", "latest"}
)
MAX_TAGS: Final = 50


def _tidy_folder(path: str) -> str:
    return "/".join(part for part in (part.strip() for part in path.split("/")) if part)


def _distinct_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag.casefold() for tag in tags if tag))


Name = Annotated[Line, Field(min_length=1, max_length=200)]
Description = Annotated[Text, Field(max_length=5000)]
Folder = Annotated[Line, AfterValidator(_tidy_folder), Field(max_length=300)]
Tag = Annotated[Line, Field(max_length=64)]
Tags = Annotated[tuple[Tag, ...], AfterValidator(_distinct_tags), Field(max_length=MAX_TAGS)]


def check_prompt_id(prompt_id: str) -> str:
    """Return the readable id when it may be used.

    Raises:
        Invalid: it has other characters, is too long, or is reserved.
    """
    if PROMPT_ID.fullmatch(prompt_id) is None or prompt_id in RESERVED_IDS:
        raise Invalid(
            "The prompt id is reserved or has other characters than a-z, 0-9 and -.",
            field="prompt_id",
            remedy="Use 1 to 64 of a-z, 0-9 and -, beginning with a letter or digit.",
        )
    return prompt_id


def check_label(label: str) -> str:
    """Return the label's name when it may be used.

    Raises:
        Invalid: it has other characters, is too long, or is `latest`.
    """
    if LABEL.fullmatch(label) is None or label == "latest":
        raise Invalid(
            "The label is `latest` or has other characters than a-z, 0-9 and -.",
            field="label",
            remedy="Use 1 to 32 of a-z, 0-9 and -, such as production; latest moves by publishing.",
        )
    return label


def id_from_name(name: str) -> str:
    """Return a readable id that resembles the name; `prompt` when nothing of it can be kept."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:56].strip("-")
    if not slug:
        return "prompt"
    return f"{slug}-prompt" if slug in RESERVED_IDS else slug
