"""Own `Line`: one line of text as people type it, trimmed and in NFC."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator

from core.values.body import Text


def _tidy(text: str) -> str:
    tidy = unicodedata.normalize("NFC", text).strip()
    # Line breaks would forge lines of logs and headers of mails.
    if any(unicodedata.category(character) == "Cc" for character in tidy):
        msg = "holds a control character"
        raise ValueError(msg)
    return tidy


Line = Annotated[Text, AfterValidator(_tidy)]
