"""The button that acts exactly once."""

# ruff: noqa: PLC0415 (AppTest runs the body of a page alone)

import asyncio
import time
from collections.abc import Coroutine
from threading import Thread
from typing import Any

import pytest
from pydantic import BaseModel, Field
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.testing.v1 import AppTest

from core.errors import Invalid, NotFound
from streamlit_app.components.once import Press


class Named(BaseModel):
    full_name: str = Field(max_length=3)


async def one_more(calls: list[int]) -> int:
    await asyncio.sleep(0)
    calls.append(len(calls))
    return len(calls)


def test_two_presses_drawn_with_the_same_number_act_once() -> None:
    press, calls = Press[int](grace_seconds=0), list[int]()
    drawn = press.number

    press.fire(drawn, lambda: one_more(calls))
    press.fire(drawn, lambda: one_more(calls))

    assert len(calls) == 1
    assert (press.take(), press.take()) == (1, None)


def test_a_press_acts_although_another_run_is_asked_for_while_its_widgets_are_read() -> None:
    press, calls, told = Press[int](), list[int](), list[int]()
    requests = {name: RerunException(RerunData()) for name in ("operation", "done")}

    def read_widgets(name: str) -> None:
        if name in requests:
            raise requests.pop(name)

    def operation() -> Coroutine[Any, Any, int]:
        read_widgets("operation")
        return one_more(calls)

    def done(result: int) -> str:
        read_widgets("done")
        told.append(result)
        return ""

    with pytest.raises(RerunException):
        press.fire(press.number, operation, done)

    assert (len(calls), told, press.take()) == (1, [1], 1)


def test_a_second_click_right_after_the_page_was_drawn_again_is_the_same_click() -> None:
    press, calls = Press[int](), list[int]()

    press.fire(press.number, lambda: one_more(calls))
    assert press.take(again=True) == 1
    press.fire(press.number, lambda: one_more(calls))

    assert len(calls) == 1
    assert (press.take(again=True), press.take()) == (1, None)


def test_the_result_is_given_again_until_the_person_goes_on() -> None:
    press, calls = Press[int](), list[int]()

    press.fire(press.number, lambda: one_more(calls))

    assert [press.take(again=True) for _ in range(3)] == [1, 1, 1]
    press.settle()
    assert press.take(again=True) is None


def test_a_second_click_waits_for_what_the_first_does() -> None:
    press, calls = Press[int](), list[int]()

    async def slowly() -> int:
        await asyncio.sleep(0.2)
        return await one_more(calls)

    drawn = press.number
    first = Thread(target=press.fire, args=(drawn, slowly))
    first.start()
    while press.number == drawn:
        time.sleep(0.01)
    press.fire(drawn, slowly)
    found = press.take(again=True)
    first.join()

    assert (found, len(calls)) == (1, 1)


def test_an_error_stays_until_the_next_press() -> None:
    async def refuse() -> int:
        raise NotFound("prompt", "greeting")

    press, calls = Press[int](grace_seconds=0), list[int]()
    press.fire(press.number, refuse)
    assert isinstance(press.error, NotFound)

    press.fire(press.number, lambda: one_more(calls))

    assert press.error is None
    assert press.take() == 1


def test_a_value_that_a_model_refuses_is_told_as_invalid() -> None:
    def operation() -> object:
        return Named(full_name="much too long")

    press = Press[int]()
    press.fire(press.number, operation)  # pyright: ignore[reportArgumentType] # raises before

    assert isinstance(press.error, Invalid)
    assert press.error.message.startswith("Full name: ")


def page() -> None:
    import streamlit as st

    from streamlit_app.components.once import once

    async def save() -> str:
        return "saved"

    saved = once("Save", save, key="save")
    st.text(saved.take() or "nothing new")


def test_the_result_is_there_in_the_first_run_after_the_press() -> None:
    app = AppTest.from_function(page).run()
    assert app.text[0].value == "nothing new"

    app.button(key="save").click().run()
    assert app.text[0].value == "saved"

    app.run()
    assert app.text[0].value == "nothing new"
