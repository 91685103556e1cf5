"""Own sentences that name things of the prompt in backquotes: the names as code, the rest plain."""

import re

from streamlit_app.formats import plain

_WORD = re.compile(r"[\w./:-]{1,80}")


def with_code(sentence: str) -> str:
    """Return the markdown of a sentence in which `names` stand in backquotes."""
    parts = sentence.split("`")
    if len(parts) % 2 == 0:
        return plain(sentence)
    return "".join(
        plain(part) if index % 2 == 0 else as_code(part) for index, part in enumerate(parts)
    )


def as_code(name: str) -> str:
    """Return the markdown of a name as code; of anything that is no name, as plain text."""
    return f"`{name}`" if _WORD.fullmatch(name) else plain(name)
