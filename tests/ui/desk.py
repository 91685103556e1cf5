"""Own a prompt on the desk of AppTest: stored versions, and typing as the browser sends it."""

from typing import Any

from streamlit.testing.v1 import AppTest

from core.accounts.applications import list_applications
from core.accounts.members import set_member
from core.documents import Prompt, PromptVersion
from core.prompts.catalogue import NewPrompt, create_prompt, get_prompt
from core.prompts.publishing import publish_version
from core.prompts.versions import NewVersion, get_version, list_versions, save_version
from core.values.body import VersionBody
from core.values.scope import Scope
from prompthub.wire.literals import Role
from streamlit_app import bridge
from tests.ui.conftest import Ui


def a_prompt(scope: Scope, *texts: str, name: str = "Greet", published: int = 0) -> Prompt:
    """A prompt of the owner with a version for each text, the first `published` of them served."""
    application = bridge.run(list_applications(scope))[0]
    prompt = bridge.run(create_prompt(scope, NewPrompt(application_id=application.key, name=name)))
    for index, text in enumerate(texts):
        saved = bridge.run(save_version(scope, prompt, NewVersion(body=VersionBody(content=text))))
        if index < published:
            bridge.run(publish_version(scope, prompt, saved.version.version))
    return bridge.run(get_prompt(scope, prompt.prompt_id))


def a_member(ui: Ui, owner: Scope, role: Role) -> Scope:
    """Sign in somebody who holds the role in the owner's application."""
    user = ui.add_user(f"{role}@example.org")
    application = bridge.run(list_applications(owner))[0]
    bridge.run(set_member(owner, application.key, user.key, role))
    return ui.sign_in(user)


def type_text(app: AppTest, text: str, area: str = "content") -> AppTest:
    """Let the editor send a text, as after a pause in typing."""
    state: dict[str, Any] = {"doc": {"text": text, "revision": app.session_state["desk"].revision}}
    app.session_state[f"text_{area}"] = state
    return app.run()


def stored(scope: Scope, prompt: Prompt, number: str) -> PromptVersion:
    """A version as it is stored now."""
    return bridge.run(get_version(scope, prompt, number))


def numbers(scope: Scope, prompt: Prompt) -> list[str]:
    """The numbers of all versions, newest first."""
    page = bridge.run(list_versions(scope, prompt, skip=0, limit=50))
    return [version.version for version in page.items]


def button_keys(app: AppTest) -> set[str | None]:
    """The keys of the buttons there are."""
    return {button.key for button in app.button}


def markdown(app: AppTest) -> str:
    """Everything said in markdown."""
    return "\n".join(element.value for element in app.markdown)
