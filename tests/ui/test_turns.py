"""A click is heard to its end before the next message of its tab is handed on."""

import asyncio
from typing import Any

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from streamlit_app.turns import Turns


def says(*widgets: dict[str, Any], fragment: str = "") -> ClientState:
    states: Any = {"widgets": widgets}
    return ClientState(fragment_id=fragment, widget_states=states)


def click(button: str, *, fragment: str = "") -> ClientState:
    number = {"id": "number", "int_value": 1}
    return says(number, {"id": button, "trigger_value": True}, fragment=fragment)


def begun(*fragments: str) -> ForwardMsg:
    told: dict[str, Any] = {
        "new_session": {"page_script_hash": "p"},
        "metadata": {"run": {"script_run_id": "r", "fragment_ids": fragments}},
    }
    return ForwardMsg(**told)


def ended(status: ForwardMsg.ScriptFinishedStatus.ValueType) -> ForwardMsg:
    return ForwardMsg(script_finished=status)


VALUE = says({"id": "number", "int_value": 2})
DRAWN = ForwardMsg(delta=Delta())
DONE = ended(ForwardMsg.FINISHED_SUCCESSFULLY)
FRAGMENT_DONE = ended(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
CUT_SHORT = ended(ForwardMsg.FINISHED_EARLY_FOR_RERUN)


async def is_held(turns: Turns, state: ClientState) -> bool:
    waiting = asyncio.create_task(turns.wait_for(state))
    for _ in range(3):
        await asyncio.sleep(0)
    is_waiting = not waiting.done()
    waiting.cancel()
    return is_waiting


@pytest.mark.parametrize(
    ("clicked", "told"),
    [
        (click("run"), [begun(), DRAWN, DONE]),
        # The run of before is cut short for the click, or ends by itself.
        (click("run"), [CUT_SHORT, begun(), DRAWN, DONE]),
        (click("run"), [DRAWN, DONE, begun(), DONE]),
        # The page asks for another run itself.
        (click("run"), [begun(), DRAWN, CUT_SHORT, begun(), DRAWN, DONE]),
        (click("save", fragment="dialog"), [begun("dialog"), CUT_SHORT, begun(), DRAWN, DONE]),
        # The run of before is for the whole page, which a fragment waits for.
        (click("save", fragment="dialog"), [begun(), DRAWN, DONE, begun("dialog"), FRAGMENT_DONE]),
    ],
)
async def test_the_next_message_waits_until_the_run_of_a_click_has_ended(
    clicked: ClientState, told: list[ForwardMsg]
) -> None:
    turns = Turns()
    turns.begin(clicked)

    for message in told:
        assert await is_held(turns, VALUE)
        turns.told(message)

    assert not await is_held(turns, VALUE)


async def test_a_run_that_goes_on_holds_nothing_up_once_it_draws() -> None:
    turns = Turns()
    turns.begin(click("run"))
    turns.told(begun())
    turns.told(DRAWN)

    async with asyncio.timeout(20):
        await turns.wait_for(click("stop"))


@pytest.mark.parametrize(
    ("state", "held"), [(VALUE, True), (click("b"), True), (click("a"), False)]
)
async def test_the_second_half_of_a_double_click_does_not_wait(
    state: ClientState, held: bool
) -> None:
    turns = Turns()
    turns.begin(click("a"))

    assert await is_held(turns, state) is held


@pytest.mark.parametrize("trigger", ["string_trigger_value", "json_trigger_value"])
async def test_a_menu_and_a_component_are_clicked_too(trigger: str) -> None:
    value: Any = "x" if trigger.startswith("json") else {"data": "x"}
    turns = Turns()
    turns.begin(says({"id": "menu", trigger: value}))

    assert await is_held(turns, VALUE)


async def test_values_hold_nothing_up() -> None:
    turns = Turns()
    turns.begin(VALUE)

    assert not await is_held(turns, VALUE)
