"""Own the dialogs of the timeline: roll back, move and remove labels, delete a draft."""

import streamlit as st

from core.documents import Prompt, PromptVersion
from core.prompts.labels import move_label, remove_label
from core.prompts.publishing import roll_back
from core.prompts.versions import delete_draft
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.confirm import confirm
from streamlit_app.components.dependents import say_dependents
from streamlit_app.components.desk.opening import open_prompt
from streamlit_app.components.desk.publish_dialog import ask_to_publish
from streamlit_app.components.desk.state import lay_stored
from streamlit_app.components.reason_dialog import ask_for_reason
from streamlit_app.components.version_row import Act, labels_of


def start(act: Act, scope: Scope, prompt: Prompt, version: PromptVersion) -> None:
    """Open the dialog of an act chosen in a row."""
    match act:
        case "publish":
            number = version.version
            opened = bridge.run(open_prompt(scope, prompt.prompt_id, prompt.application_id, number))
            ask_to_publish(scope, lay_stored(opened))
        case "roll_back":
            _roll_back(scope, prompt, version)
        case "label":
            _move_label(scope, prompt, version)
        case "unlabel":
            _remove_label(scope, prompt, version)
        case "delete":
            _delete(scope, prompt, version)


def _roll_back(scope: Scope, prompt: Prompt, version: PromptVersion) -> None:
    now = f"`latest` serves {prompt.current_version} now. " if prompt.current_version else ""
    ask_for_reason(
        f"Roll back to {version.version}",
        f"{now}The text of {version.version} is published again under a new number and served as "
        "`latest` at once. Labels stay where they are.",
        verb=f"Roll back to {version.version}",
        operation=lambda reason: roll_back(scope, prompt, version.version, reason=reason),
        key="roll_back",
        done=lambda new: f"Published {new.version} with the text of {version.version}.",
    )


def _move_label(scope: Scope, prompt: Prompt, version: PromptVersion) -> None:
    own = labels_of(prompt, version)
    others = [name for name in prompt.labels if name not in own]

    def ask_label() -> None:
        st.selectbox(
            "Label",
            others or ["production"],
            key="label_name",
            format_func=lambda name: _with_version(prompt, name),
            accept_new_options=True,
            help="Pick one, or type a new name of a-z, 0-9 and -.",
        )

    def label() -> str:
        return (st.session_state.get("label_name") or "").strip()

    ask_for_reason(
        f"Move a label to {version.version}",
        "Applications that ask for the label get this version at once. "
        + say_dependents(scope, prompt, version.version),
        verb="Move the label",
        operation=lambda reason: move_label(scope, prompt, label(), version.version, reason=reason),
        key="move_label",
        done=lambda _: f"`{label()}` now serves {version.version}.",
        more=ask_label,
    )


def _with_version(prompt: Prompt, label: str) -> str:
    return f"{label} → {prompt.labels[label]}" if label in prompt.labels else label


def _remove_label(scope: Scope, prompt: Prompt, version: PromptVersion) -> None:
    def ask_label() -> None:
        st.selectbox("Label", labels_of(prompt, version), key="label_gone", required=True)

    def label() -> str:
        return st.session_state.get("label_gone") or ""

    ask_for_reason(
        f"Remove a label from {version.version}",
        "Applications that ask for the label get an error from then on.",
        verb="Remove the label",
        operation=lambda reason: remove_label(scope, prompt, label(), reason=reason),
        key="remove_label",
        done=lambda _: f"Removed `{label()}`.",
        more=ask_label,
    )


def _delete(scope: Scope, prompt: Prompt, version: PromptVersion) -> None:
    async def operation() -> bool:
        await delete_draft(scope, prompt, version.version)
        return True

    confirm(
        f"Delete draft {version.version}",
        "Its text is gone for good; the number is never given again. "
        + say_dependents(scope, prompt, version.version),
        verb=f"Delete {version.version}",
        operation=operation,
        key="delete_draft",
        done=lambda _: f"Deleted draft {version.version}.",
        typed_name=version.version,
    )
