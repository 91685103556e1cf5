"""Own the file of the ticked prompts, with all their versions: one, whatever applications."""

import io
import zipfile
from collections import defaultdict
from collections.abc import Sequence

import streamlit as st
from bson import ObjectId

from core.prompts.listing import PromptMark
from core.transfer import ExportQuery, export_prompts
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.library.shelf import Shelf

SECONDS = 300


def offer_export(shelf: Shelf, chosen: Sequence[PromptMark]) -> None:
    """Draw the button; the file is made when it is pressed."""
    several = len({prompt.application_id for prompt in chosen}) > 1
    st.download_button(
        "Export",
        data=lambda: bridge.run(write_file(shelf.scope, chosen), timeout_seconds=SECONDS),
        file_name="prompts.zip" if several else "prompts.json",
        mime="application/zip" if several else "application/json",
        key="bulk_export",
        icon=":material/download:",
        on_click="ignore",
        help="A zip with a file for each application."
        if several
        else "All versions, as a file that *Import* reads.",
    )


async def write_file(scope: Scope, chosen: Sequence[PromptMark]) -> bytes:
    """Return the export of the prompts; of several applications a zip with a file of each.

    Raises:
        NotFound: one of them is not there any more.
    """
    of_application: dict[ObjectId, list[str]] = defaultdict(list)
    for prompt in chosen:
        of_application[prompt.application_id].append(prompt.prompt_id)
    files: dict[str, bytes] = {}
    for application_id, prompt_ids in of_application.items():
        query = ExportQuery(application_id=application_id, prompt_ids=tuple(prompt_ids))
        export = await export_prompts(scope, query)
        name = export.name if export.name not in files else f"{application_id}-{export.name}"
        files[name] = b"".join([piece async for piece in export.pieces])
    if len(files) == 1:
        return next(iter(files.values()))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return written.getvalue()
