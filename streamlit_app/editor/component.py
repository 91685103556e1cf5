"""The registration of the built editor file as Streamlit components."""

import hashlib
from pathlib import Path

from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

_HERE = Path(__file__).parent
_ASSET = _HERE.parent / "static" / "editor" / "codemirror.js"


def register(name: str, *, mount: str, css: str) -> ComponentRenderer:
    """Register a component whose code is the export `mount` of the built file.

    Call once, at import: Streamlit keeps one definition per name. `css` is a file of this folder.

    Raises:
        OSError: the built file is missing; `frontend/README.md` says how to build it.
    """
    digest = hashlib.sha256(_ASSET.read_bytes()).hexdigest()[:12]
    loader = (_HERE / "loader.js").read_text(encoding="utf-8")
    # The hash makes browsers fetch a new build, though the file keeps its name.
    loader = loader.replace("__ASSET__", f"editor/{_ASSET.name}?v={digest}")
    return component(
        name,
        html="<div data-host></div>",
        css=(_HERE / css).read_text(encoding="utf-8"),
        js=loader.replace("__MOUNT__", mount),
    )
