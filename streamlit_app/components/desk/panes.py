"""Own the tabs of the right pane, whose titles count what needs attention."""

from core.values.scope import Scope
from streamlit_app.components.counted_tabs import counted_tabs
from streamlit_app.components.desk.changes_pane import changes_pane
from streamlit_app.components.desk.checks_pane import checks_pane, find_problem
from streamlit_app.components.desk.estimate import estimate_pane
from streamlit_app.components.desk.field_rows import read_rows
from streamlit_app.components.desk.fields_grid import fields_pane
from streamlit_app.components.desk.model_pane import model_pane
from streamlit_app.components.desk.parts_pane import parts_pane
from streamlit_app.components.desk.preview_pane import preview_pane
from streamlit_app.components.desk.similar_pane import similar_pane
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.desk.variables import find_mismatch

NAMES = ("Preview", "Variables", "Model", "Checks", "Parts", "Changes", "Similar")


def right_pane(scope: Scope, desk: Desk) -> None:
    """Draw the open one of the tabs."""
    mismatch, changes = find_mismatch(desk.copy), desk.changes()
    problems = mismatch.total + len(read_rows(desk.copy.fields).problems)
    badges = {
        "Variables": f":orange-badge[{problems}]" if problems else "",
        "Checks": ":red-badge[!]" if find_problem(desk) else "",
        "Parts": f":gray-badge[{len(parts)}]" if (parts := desk.copy.dependencies) else "",
        "Changes": f":gray-badge[{len(changes)}]" if changes else "",
    }
    opened, place = counted_tabs(NAMES, badges, key="pane")
    if opened != "Variables":
        desk.leave_grid()
    with place:
        match opened:
            case "Variables":
                fields_pane(desk, mismatch)
            case "Model":
                model_pane(desk)
                estimate_pane(desk, mismatch)
            case "Checks":
                checks_pane(desk)
            case "Parts":
                parts_pane(scope, desk)
            case "Changes":
                changes_pane(desk, changes)
            case "Similar":
                similar_pane(desk)
            case _:
                preview_pane(desk, mismatch)
