"""Own the buttons of the editor: more, try it, save, publish."""

from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.documents import Prompt
from core.prompts.catalogue import deactivate_prompt, restore_prompt
from core.values.scope import Scope
from streamlit_app import viewer
from streamlit_app.components import problem
from streamlit_app.components.confirm import confirm
from streamlit_app.components.desk.boost_dialog import ask_to_boost
from streamlit_app.components.desk.header import address, reopen
from streamlit_app.components.desk.publish_dialog import ask_to_publish
from streamlit_app.components.desk.save_dialog import ask_to_save
from streamlit_app.components.desk.saving import Outcome, saving, say_outcome
from streamlit_app.components.desk.state import Act, Desk, Held
from streamlit_app.components.desk.twin import ask_about_twins, find_twins
from streamlit_app.components.details_dialog import ask_for_details
from streamlit_app.components.once import Press, once, press_of
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path

MORE = {
    "details": ":material/edit: Details...",
    "versions": ":material/history: Versions",
    "compare": ":material/compare: Compare models",
    "deactivate": ":material/archive: Deactivate...",
    "restore": ":material/unarchive: Restore...",
}


def actions(scope: Scope, desk: Desk, place: DeltaGenerator) -> list[Press[Outcome]]:
    """Draw what the person may do here, and return the presses whose errors are to be shown.

    The row stays the same while somebody types: a button that moves or changes under the pointer
    misses its click.
    """
    with place:
        _offer_more(scope, desk)
        if not desk.opened.can_write:
            return []
        publishes = desk.opened.holds("operator")
        presses = [_offer_try(scope, desk), _offer_save(scope, desk, is_primary=not publishes)]
        if publishes:
            _offer_publish(scope, desk)
    _ask_about_twins(scope, desk)
    return presses


def shortcut(scope: Scope, desk: Desk, trigger: Literal["save", "run"] | None) -> None:
    """Do what a shortcut pressed inside an editor asks for, as its button would."""
    if trigger == "save":
        _save_again(scope, desk)
        st.rerun()
    elif trigger == "run":
        press: Press[Outcome] = press_of("try")
        press.fire(press.number, lambda: saving(scope, desk), _say_saved_to_try)
        st.rerun()


def _offer_publish(scope: Scope, desk: Desk) -> None:
    st.button(
        "Publish...",
        key="publish",
        type="primary",
        icon=":material/publish:",
        on_click=_publish,
        args=(scope, desk),
    )
    if not desk.asks_to_publish:
        return
    desk.asks_to_publish = False
    version = desk.opened.version
    if version and version.is_published and not desk.is_dirty:
        st.toast(f"Nothing to publish: the text is that of {version.version}, which is published.")
    else:
        ask_to_publish(scope, desk)


def _publish(scope: Scope, desk: Desk) -> None:
    """Ask for what publishing needs, unless the text is known elsewhere."""
    desk.collect()
    version = desk.opened.version
    is_served = version is not None and version.is_published and not desk.is_dirty
    desk.asks_to_publish = is_served or not _hold(scope, desk, "publish")


def _hold(scope: Scope, desk: Desk, act: Act) -> bool:
    """Whether the act waits for an answer, as other prompts say the same."""
    twins = find_twins(scope, desk, viewer.runtime().search)
    desk.held = Held(act, twins) if twins else None
    return bool(twins)


def _ask_about_twins(scope: Scope, desk: Desk) -> None:
    held, desk.held = desk.held, None
    if held is not None:
        go_on = {"save": _save_again, "publish": _publish}[held.act]
        ask_about_twins(desk, held, lambda: go_on(scope, desk))


def offer_boost(scope: Scope, desk: Desk) -> None:
    """Draw the way to let a model rewrite the text."""
    if desk.opened.can_write and st.button(
        "Boost...",
        key="boost",
        type="tertiary",
        icon=":material/auto_awesome:",
        help="A model proposes a better text; you see the difference and decide.",
    ):
        ask_to_boost(scope, desk)


def _save_again(scope: Scope, desk: Desk) -> None:
    _save(scope, desk, press_of("save", Outcome).number)


def _offer_more(scope: Scope, desk: Desk) -> None:
    chosen = st.menu_button(
        "More",
        _options(desk),
        key="more",
        type="tertiary",
        icon=":material/more_horiz:",
        format_func=MORE.__getitem__,
    )
    match chosen:
        case "details":
            ask_for_details(scope, desk.opened.prompt)
        case "versions":
            st.switch_page(page_path("versions"), query_params=address(desk))
        case "compare":
            version = desk.opened.version
            number = version.version if version else None
            st.switch_page(page_path("compare"), query_params=address(desk, number))
        case "deactivate" | "restore":
            _confirm_switch(scope, desk.opened.prompt)
        case _:
            return


def _options(desk: Desk) -> list[str]:
    options = ["versions"]
    if desk.opened.version:
        options.append("compare")
    if desk.opened.can_write:
        options.insert(0, "details")
    if desk.opened.holds("operator"):
        options.append("deactivate" if desk.opened.prompt.is_active else "restore")
    return options


def _confirm_switch(scope: Scope, prompt: Prompt) -> None:
    name = plain(prompt.name)
    if prompt.is_active:
        confirm(
            f"Deactivate {name}?",
            "Applications stop getting it at once. Versions and logs stay readable, and you can "
            "restore it at any time.",
            verb="Deactivate",
            operation=lambda: deactivate_prompt(scope, prompt),
            key="deactivate",
            done=lambda _: f"Deactivated {name}.",
        )
    else:
        confirm(
            f"Restore {name}?",
            "It can be edited again, and applications get its published version at once.",
            verb="Restore",
            operation=lambda: restore_prompt(scope, prompt),
            key="restore",
            done=lambda _: f"Restored {name}.",
        )


def _offer_try(scope: Scope, desk: Desk) -> Press[Outcome]:
    press = once(
        "Try it",
        lambda: saving(scope, desk),
        key="try",
        done=_say_saved_to_try,
        icon=":material/play_arrow:",
        shortcut="Ctrl+Enter",
        help="Opens the playground. Unsaved edits are saved as a draft first.",
    )
    outcome = press.take()
    if outcome is not None:
        query = address(desk, outcome.version.version)
        st.switch_page(page_path("playground"), query_params=query)
    return press


def _say_saved_to_try(outcome: Outcome) -> str:
    number = outcome.version.version
    return f"Trying {number}." if outcome.what == "equal" else say_outcome(outcome)


def _offer_save(scope: Scope, desk: Desk, *, is_primary: bool) -> Press[Outcome]:
    press: Press[Outcome] = press_of("save")
    st.button(
        "Save draft",
        key="save",
        type="primary" if is_primary else "secondary",
        icon=":material/save:",
        shortcut="Ctrl+S",
        on_click=_save,
        args=(scope, desk, press.number),
    )
    if press.take() is not None:
        reopen(desk)
    if desk.asks_number:
        desk.asks_number = False
        ask_to_save(scope, desk)
    return press


def _save(scope: Scope, desk: Desk, seen: int) -> None:
    """Save; a new draft of a published version gets its number and note in a dialog first."""
    desk.collect()
    version = desk.opened.version
    if desk.is_dirty and _hold(scope, desk, "save"):
        return
    if version and version.is_published and desk.is_dirty:
        desk.asks_number = True
        return
    press_of("save", Outcome).fire(seen, lambda: saving(scope, desk), say_outcome)


def show_errors(desk: Desk, presses: list[Press[Outcome]]) -> None:
    """Show why the last press did not work; a conflict has a panel of its own."""
    for press in presses:
        if press.error and desk.theirs is None:
            problem.show(press.error)
