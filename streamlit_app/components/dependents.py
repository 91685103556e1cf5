"""Own the sentence that names which versions are made of another one."""

from core.documents import Prompt
from core.prompts.composition import list_dependents
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.formats import plain

MOST_NAMED = 5


def say_dependents(scope: Scope, prompt: Prompt, number: str | None) -> str:
    """Return e.g. "Made of 2.4.1: Board minutes 1.0.0."; empty when nothing is."""
    found = [] if number is None else bridge.run(list_dependents(scope, prompt, number))
    if not found:
        return ""
    named = [f"{plain(one.prompt.name)} {one.version.version}" for one in found[:MOST_NAMED]]
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return f"Made of {number}: {', '.join(named)}{more}."
