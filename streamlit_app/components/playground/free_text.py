"""Own the free text of the playground: what to send without any prompt, and making it one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st
from bson import ObjectId
from pydantic import ValidationError

from core.documents import Prompt
from core.errors import Invalid, TemplateInvalid
from core.execution.stream import ExecutionRequest
from core.prompts.catalogue import NewPrompt, create_prompt
from core.prompts.versions import NewVersion, save_version
from core.templates.check import check_template, escape_plain
from core.templates.variables import find_variables
from core.values.body import VersionBody
from core.values.fields import RequiredField
from core.values.messages import Message
from core.values.scope import Scope
from streamlit_app.components import problem
from streamlit_app.components.focus import focus_first_field
from streamlit_app.components.model_picker import read_model
from streamlit_app.components.once import once
from streamlit_app.components.param_overrides import read_params
from streamlit_app.components.run_target import FreeText
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path


def text_form(owner: ObjectId) -> None:
    """Draw the two texts; they stay for the session, and are kept beyond it (`autosave`)."""
    for name in ("system", "content"):
        st.session_state.setdefault(_key(name, owner), "")
    st.text_area(
        "System prompt",
        key=_key("system", owner),
        height=90,
        placeholder="Who the model is and how it answers; may be left empty",
        persist_state="session",
    )
    st.text_area(
        "Message *",
        key=_key("content", owner),
        height=220,
        placeholder="What you want to know or have done",
        help="Sent as it is: braces are no variables here.",
        persist_state="session",
    )


def typed_texts(owner: ObjectId) -> dict[str, Any]:
    """Return the two texts as they are typed."""
    return {name: _typed(name, owner) for name in ("system", "content")}


def put_texts(typed: Mapping[str, Any], *, owner: ObjectId) -> None:
    """Put back what `typed_texts` gave once; call it before the form is drawn."""
    for name in ("system", "content"):
        st.session_state[_key(name, owner)] = str(typed.get(name, ""))


def has_text(owner: ObjectId) -> bool:
    """Whether there is a message to send."""
    return bool(_typed("content", owner).strip())


def free_request(target: FreeText, owner: ObjectId) -> ExecutionRequest:
    """Return the request of what stands in the form.

    Raises:
        Invalid: the message is empty.
        ValidationError: a text is too long, or a parameter is out of its bounds.
    """
    content = _typed("content", owner)
    if not content.strip():
        raise Invalid("The message is empty.", field="content", remedy="Write something to send.")
    return ExecutionRequest(
        application_id=owner,
        body=VersionBody(
            content=escape_plain(content), system_prompt=escape_plain(_typed("system", owner))
        ),
        model=read_model(target),
        model_params=read_params(owner=owner),
        metadata={"source": "playground"},
    )


def request_of_messages(logged: ExecutionRequest, opening: list[Message]) -> ExecutionRequest:
    """Return the request that a free text was run with; of its body the log keeps the messages."""
    system, content = _texts(opening)
    body = VersionBody(content=escape_plain(content), system_prompt=escape_plain(system))
    return replace(logged, prompt_id=None, version=None, body=body)


def fill_in_texts(opening: list[Message], *, owner: ObjectId) -> None:
    """Put the messages of a logged run into the form; call it before it is drawn."""
    system, content = _texts(opening)
    st.session_state[_key("system", owner)] = system
    st.session_state[_key("content", owner)] = content


def _texts(opening: list[Message]) -> tuple[str, str]:
    """Return the system prompt and the message among what was sent at first."""
    system = [message.content for message in opening if message.role == "system"]
    content = [message.content for message in opening if message.role == "user"]
    return "\n\n".join(system), "\n\n".join(content)


@st.dialog("Save as a prompt", icon=":material/save:")
def ask_to_save_prompt(scope: Scope, target: FreeText, owner: ObjectId) -> None:
    """Ask for a name, make a prompt of the texts and go on in the editor."""
    if not has_text(owner):
        st.markdown("There is no message yet. Write one, then save it as a prompt.")
        return
    st.text_input(
        "Name",
        key="free_name",
        max_chars=200,
        placeholder="What it does, e.g. Summarize a meeting",
    )
    st.caption(_what_becomes(owner))
    with st.container(horizontal=True, horizontal_alignment="right"):
        press = once(
            "Create prompt",
            lambda: _create(
                scope,
                NewPrompt(application_id=owner, name=st.session_state["free_name"]),
                body_of(_typed("system", owner), _typed("content", owner)),
                _settings(target, owner),
            ),
            key="free_create",
            type="primary",
            done=lambda prompt: f"Created {plain(prompt.name)}.",
        )
    if press.error:
        problem.show(press.error)
    created = press.take()
    if created is not None:
        address = {"prompt": created.prompt_id, "application": str(created.application_id)}
        st.switch_page(page_path("editor"), query_params=address)
    focus_first_field("free_focus")


def body_of(system: str, content: str) -> VersionBody:
    """Return the texts as a version: names in braces become its variables where it is a template.

    Raises:
        ValidationError: a text is too long.
    """
    texts = [text if _is_template(text) else escape_plain(text) for text in (system, content)]
    names = dict.fromkeys(name for text in texts for name in find_variables(text, field="content"))
    return VersionBody(
        system_prompt=texts[0],
        content=texts[1],
        required_fields=tuple(RequiredField(name=name) for name in names),
    )


def _is_template(text: str) -> bool:
    try:
        check_template(text, field="content")
    except TemplateInvalid:
        return False
    return True


def _what_becomes(owner: ObjectId) -> str:
    try:
        body = body_of(_typed("system", owner), _typed("content", owner))
    except ValidationError:
        return "The text is longer than a prompt can be."
    names = [field.name for field in body.required_fields]
    if names:
        return f"Becomes version 1.0.0, a draft with the variables {', '.join(names)}."
    return "Becomes version 1.0.0, a draft. In the editor parts of it can become variables."


def _settings(target: FreeText, owner: ObjectId) -> dict[str, Any]:
    """Return the model and the parameters tried; the demo is nothing to go on with."""
    demo = {choice.name for choice in target.models if choice.is_demo}
    model, params = read_model(target), read_params(owner=owner)
    said = {"model": None if model in demo else model, "model_params": params}
    return {name: value for name, value in said.items() if value is not None}


async def _create(
    scope: Scope, new: NewPrompt, body: VersionBody, settings: dict[str, Any]
) -> Prompt:
    prompt = await create_prompt(scope, new)
    await save_version(scope, prompt, NewVersion(body=body.model_copy(update=settings)))
    return prompt


def _typed(name: str, owner: ObjectId) -> str:
    text: Any = st.session_state.get(_key(name, owner))
    return text or ""


def _key(name: str, owner: ObjectId) -> str:
    return f"free_{name}_{owner}"
