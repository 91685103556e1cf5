"""Own what the forms of the playground begin with, and keeping what stands in them."""

from bson import ObjectId

from core.values.fields import RequiredField
from core.values.scope import Scope
from streamlit_app.components.playground.autosave import keep_what_is_typed, restore_typed
from streamlit_app.components.playground.examples_bar import fill_from_address
from streamlit_app.components.playground.free_text import put_texts, typed_texts
from streamlit_app.components.playground.panel import Panel
from streamlit_app.components.playground.recall import recall, recall_text
from streamlit_app.components.run_target import Target
from streamlit_app.components.variables_form import put_typed, start_values, typed_values


def fill_values(scope: Scope, panel: Panel, target: Target, fields: list[RequiredField]) -> None:
    """Fill the form from the address, else with what was typed before; before it is drawn."""
    is_filled = fill_from_address(scope, target, fields)
    recall(scope, panel, target, fields, fills=not is_filled)
    restore_values(scope, target, fields)


def restore_values(scope: Scope, target: Target, fields: list[RequiredField]) -> None:
    """Put back what was typed before this session, where the log may keep words too."""
    if target.keeps_content and fields:
        restore_typed(
            scope,
            target.prompt.application_id,
            target.owner,
            lambda typed: put_typed(fields, typed, owner=target.owner),
        )


def keep_values(scope: Scope, target: Target, fields: list[RequiredField]) -> None:
    """Keep what is typed, where the log may keep words too; after the form is drawn."""
    if target.keeps_content and fields:
        values = typed_values(fields, owner=target.owner)
        keep_what_is_typed(
            scope,
            target.prompt.application_id,
            target.owner,
            values,
            is_untouched=values == start_values(fields),
        )


def fill_texts(scope: Scope, panel: Panel, owner: ObjectId, *, keeps_words: bool) -> None:
    """Fill in the free text of the address, else what was typed before; before it is drawn."""
    recall_text(scope, panel)
    if keeps_words:
        restore_typed(scope, owner, owner, lambda typed: put_texts(typed, owner=owner))


def keep_texts(scope: Scope, owner: ObjectId) -> None:
    """Keep the free text; after its form is drawn."""
    texts = typed_texts(owner)
    keep_what_is_typed(scope, owner, owner, texts, is_untouched=not any(texts.values()))
