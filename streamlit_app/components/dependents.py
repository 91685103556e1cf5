"""Own the sentences that name who depends on a prompt: what is made of it, and who runs it."""

from core.documents import Prompt
from core.execution.callers import DAYS, MOST_READ, Callers, find_callers
from core.prompts.composition import list_dependents
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.when import ago
from streamlit_app.formats import counted, plain

MOST_NAMED = 5


def say_dependents(scope: Scope, prompt: Prompt, number: str | None) -> str:
    """Return e.g. "Made of 2.4.1: Board minutes 1.0.0."; empty when nothing is."""
    found = [] if number is None else bridge.run(list_dependents(scope, prompt, number))
    if not found:
        return ""
    named = [f"{plain(one.prompt.name)} {one.version.version}" for one in found[:MOST_NAMED]]
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return f"Made of {number}: {', '.join(named)}{more}."


def say_callers(scope: Scope, prompt: Prompt, application: str) -> str:
    """Return e.g. "38 runs in the last 30 days: 38 by **default** with its key (last today)."."""
    return words_of(bridge.run(find_callers(scope, prompt)), application)


def words_of(callers: Callers, application: str) -> str:
    """Return who ran a prompt, as markdown."""
    if not callers.runs:
        return f"Nobody ran it in the last {DAYS} days."
    parts: list[str] = []
    if callers.last_by_key:
        parts.append(
            f"{callers.by_key:,} by **{plain(application)}** with its key "
            f"(last {ago(callers.last_by_key)})"
        )
    if callers.by_people:
        whom = counted(callers.people, "person", "people") if callers.people else "people"
        parts.append(f"{callers.by_people:,} by {whom} here")
    runs = f"More than {MOST_READ:,} runs" if callers.is_capped else counted(callers.runs, "run")
    newest = ", of the newest" if callers.is_capped else ""
    return f"{runs} in the last {DAYS} days{newest}: {' and '.join(parts)}."
