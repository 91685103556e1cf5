"""Own what groups are called: prompts by name, applications where there are several."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bson import ObjectId

from core.accounts.directory import find_named
from core.analytics.answer import Answer, Item, answer
from core.analytics.question import Question
from core.prompts.published import find_names
from core.values.scope import Scope
from streamlit_app.components.analytics.view import View

NO_PROMPT = "Unsaved text"
NO_MODEL = "No model"


@dataclass(frozen=True, slots=True)
class Names:
    """The names of prompts and applications; what is gone keeps its id."""

    prompts: Mapping[tuple[ObjectId, str], str]
    applications: Mapping[ObjectId, str]

    def prompt(self, application_id: ObjectId, prompt_id: str) -> str:
        """Return the name of a prompt, with its application where several have one so named."""
        name = self.prompts.get((application_id, prompt_id), prompt_id)
        alike = sum(other == name for other in self.prompts.values()) > 1
        return f"{name} ({self.application(application_id)})" if alike else name

    def application(self, application_id: ObjectId) -> str:
        """Return the name of an application."""
        return self.applications.get(application_id, str(application_id))

    def of_item(self, item: Item) -> str:
        """Return what the group of an item is called."""
        keys = item.keys
        if "model" in keys:
            return keys["model"] or NO_MODEL
        application_id = ObjectId(keys["application_id"])
        if "prompt_id" not in keys:
            return self.application(application_id)
        prompt_id = keys["prompt_id"]
        name = self.prompt(application_id, prompt_id) if prompt_id else NO_PROMPT
        return f"{name} {keys.get('version') or ''}".strip()


async def load_names(scope: Scope, groups: Iterable[Mapping[str, str | None]]) -> Names:
    """Load the names of the prompts and applications that groups are called by."""
    owned = {
        (ObjectId(application_id), group.get("prompt_id"))
        for group in groups
        if (application_id := group.get("application_id"))
    }
    prompts = {(owner, prompt_id) for owner, prompt_id in owned if prompt_id}
    return Names(
        await find_names(scope, prompts) if prompts else {},
        await find_named(scope, {owner for owner, _ in owned}),
    )


async def answer_named(view: View, question: Question) -> tuple[Answer, Names]:
    """Return the answer to a question, and what its groups are called.

    Raises:
        NotFound, NotAllowed: see `answer`.
    """
    found = await answer(view.scope, question)
    return found, await load_names(view.scope, (item.keys for item in found.items))
