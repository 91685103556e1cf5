"""Own what the columns are to answer: one input, a pasted table of them, or saved examples."""

from collections.abc import Mapping
from typing import Any, Final, Literal, cast

import streamlit as st
from bson import ObjectId

from core.errors import Invalid
from core.execution.comparisons import MAX_INPUTS, MAX_REPETITIONS
from core.prompts.examples import get_examples
from streamlit_app import bridge
from streamlit_app.components import problem
from streamlit_app.components.compare.bench import Bench
from streamlit_app.components.compare.table_text import read_table
from streamlit_app.components.playground.autosave import keep_what_is_typed, restore_typed
from streamlit_app.components.playground.filling import keep_values, restore_values
from streamlit_app.components.variables_form import read_values, variables_form
from streamlit_app.formats import counted, plain

Kind = Literal["one", "table", "examples"]
KINDS: Final[dict[str, str]] = {"one": "One input", "table": "Table", "examples": "Examples"}
KIND: Final = "inputs"
REPETITIONS: Final = "repetitions"
EXAMPLES: Final = "examples"


def choose_inputs(bench: Bench) -> None:
    """Draw the choice of the kind of inputs, and the inputs."""
    if not bench.fields:
        st.caption("This prompt has no variables: each column answers it as it is.")
        _repetitions()
        return
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
    ):
        st.segmented_control(
            "Inputs",
            list(KINDS),
            format_func=KINDS.__getitem__,
            key=KIND,
            default="one",
            required=True,
            bind="query-params",
            help="Differences are told from chance over several inputs: six at least.",
        )
        _repetitions()
    match kind():
        case "one":
            _ask_one(bench)
        case "table":
            _ask_table(bench)
            _keep_table(bench)
        case "examples":
            _ask_examples(bench)


def _ask_one(bench: Bench) -> None:
    """Draw the form, which has the same values as in the playground."""
    restore_values(bench.scope, bench.target, bench.fields)
    variables_form(bench.fields, owner=bench.owner)
    keep_values(bench.scope, bench.target, bench.fields)


def _keep_table(bench: Bench) -> None:
    if bench.target.keeps_content:
        text = _typed(bench)
        keep_what_is_typed(
            bench.scope,
            bench.target.prompt.application_id,
            bench.owner,
            {"text": text},
            is_untouched=not text,
            part="table",
        )


def _restore_table(bench: Bench) -> None:
    def put(typed: Mapping[str, Any]) -> None:
        st.session_state[_table_key(bench)] = str(typed.get("text", ""))

    if bench.target.keeps_content:
        application_id = bench.target.prompt.application_id
        restore_typed(bench.scope, application_id, bench.owner, put, part="table")


def _repetitions() -> None:
    st.number_input(
        "Repetitions",
        1,
        MAX_REPETITIONS,
        1,
        key=REPETITIONS,
        bind="query-params",
        width=130,
        help="How often each column answers each input, to see how much its answers vary.",
    )


def kind() -> Kind:
    """Return the kind of inputs that is chosen."""
    found = st.session_state.get(KIND)
    return cast("Kind", found) if found in KINDS else "one"


def repetitions() -> int:
    """Return how often each input is answered."""
    return int(st.session_state.get(REPETITIONS) or 1)


def read_inputs(bench: Bench) -> list[dict[str, Any]]:
    """Return the inputs to run.

    Raises:
        Invalid: the table cannot be read, or nothing is chosen.
    """
    if not bench.fields:
        return [{}]
    match kind():
        case "one":
            return [read_values(bench.fields, owner=bench.owner)]
        case "table":
            found = read_table(_typed(bench), bench.fields)
            if not found:
                raise Invalid("The table has no inputs yet.", field="inputs", remedy="Paste some.")
            return found
        case "examples":
            return _read_examples(bench)


def _ask_table(bench: Bench) -> None:
    names = ",".join(field.name for field in bench.fields)
    _restore_table(bench)
    st.text_area(
        "Paste a table",
        key=_table_key(bench),
        height=140,
        placeholder=f"{names}\n...",
        persist_state="session",
        help="As CSV, or copied from a spreadsheet. The first row names the variables: "
        f"{plain(names)}. At most {MAX_INPUTS} rows.",
    )
    if not _typed(bench).strip():
        st.caption(f"The first row names the variables: {plain(names.replace(',', ', '))}.")
        return
    try:
        found = read_table(_typed(bench), bench.fields)
    except Invalid as error:
        problem.show(error, title="The table can't be read.")
        return
    with st.expander(f"{counted(len(found), 'input')} read", key="compare_read"):
        st.dataframe(  # pyright: ignore[reportUnknownMemberType] - pandas comes without types
            [{name: str(value) for name, value in row.items()} for row in found],
            hide_index=True,
            row_height=36,
            placeholder="—",
        )


def _ask_examples(bench: Bench) -> None:
    if not bench.target.examples:
        st.caption(
            "This prompt has no saved examples. Try it in the playground and save an input there, "
            "or paste a table."
        )
        return
    names = {str(one.key): one.name for one in bench.target.examples}
    st.multiselect(
        "Examples",
        list(names),
        format_func=lambda key: names.get(str(key), str(key)),
        key=EXAMPLES,
        max_selections=MAX_INPUTS,
        placeholder="Pick the inputs to answer",
        bind="query-params",
    )


def _read_examples(bench: Bench) -> list[dict[str, Any]]:
    keys = cast("list[str]", st.session_state.get(EXAMPLES) or [])
    if not keys:
        raise Invalid("No example is picked.", field="inputs", remedy="Pick one or more.")
    wanted = [ObjectId(key) for key in keys]
    found = bridge.run(get_examples(bench.scope, bench.target.prompt, wanted))
    return [one.values for one in found]


def _typed(bench: Bench) -> str:
    return st.session_state.get(_table_key(bench)) or ""


def _table_key(bench: Bench) -> str:
    return table_key(bench.owner)


def table_key(owner: ObjectId) -> str:
    """Return where the pasted table of a prompt is kept in the session."""
    return f"compare_table_{owner}"
