"""Own the checks that travel with a version: what is asked of the input and of the answer."""

from collections.abc import Sequence

import streamlit as st

from core.errors import Invalid
from core.guardrails.base import list_check_names
from core.guardrails.policy import check_policy
from core.values.guardrail_policy import GuardrailPolicy, PostValidation, PreValidation
from streamlit_app.components import problem
from streamlit_app.components.desk.check_rows import PICKED
from streamlit_app.components.desk.check_trial import offer_trial
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.model_select import model_select
from streamlit_app.formats import counted, plain

LINES_HEIGHT = 82
FAILURES = {"block": "Hold the answer back", "pass": "Let the answer through"}


def checks_pane(desk: Desk) -> None:
    """Draw the controls with what is wrong with them, and the trial; for viewers words."""
    if desk.opened.can_write:
        _ask_input(desk)
        _ask_output(desk)
        desk.collect()
    else:
        tell_policy(desk.copy.guardrails)
    error = find_problem(desk)
    if error:
        problem.show(error, title="These checks can't be kept.")
    else:
        offer_trial(desk)


def find_problem(desk: Desk) -> Invalid | None:
    """Return why the checks that are typed can't be kept; None where they can."""
    try:
        policy = desk.copy.policy()
        if policy is not desk.copy.guardrails:
            check_policy(policy)
    except Invalid as error:
        return error
    return None


def _ask_input(desk: Desk) -> None:
    typed = desk.copy.checks
    is_on = st.toggle(
        "Check what is sent",
        typed["checks_input"],
        key=desk.key("check_checks_input"),
        help="A run that a check refuses is blocked before the model is called, and costs nothing.",
    )
    if not is_on:
        return
    with st.container(border=True):
        picked = st.pills(
            "Look for",
            list(PICKED),
            selection_mode="multi",
            default=typed["picked"],
            format_func=PICKED.__getitem__,
            key=desk.key("check_picked"),
            help="They know forms, not meanings: somebody who tries long enough gets past them.",
        )
        _ask_bounds(desk, has_size="size" in picked)
        _ask_lines(
            desk,
            "examples",
            "Texts nobody may send",
            "One on a line, six words or more",
            "Copies are found, also with light edits; the same said in other words is not.",
        )
        _ask_others(desk)


def _ask_bounds(desk: Desk, *, has_size: bool) -> None:
    if has_size:
        st.number_input(
            "Longest, characters",
            1,
            999_999_999,
            desk.copy.checks["size"],
            step=1000,
            key=desk.key("check_size"),
            help="Of all messages together.",
        )
    st.slider(
        "Block above",
        0.0,
        1.0,
        float(desk.copy.checks["threshold"]),
        step=0.05,
        key=desk.key("check_threshold"),
        help="Each check scores from 0, nothing found, to 1, sure. At 1 nothing is blocked "
        "and the scores are only recorded.",
    )


def _ask_others(desk: Desk) -> None:
    others = [name for name in list_check_names() if name not in {*PICKED, "similarity"}]
    if others or desk.copy.checks["others"]:
        _ask_lines(
            desk,
            "others",
            "Checks of your own",
            "One on a line: name, or name:argument",
            f"Installed here: {', '.join(others) or 'none'}.",
        )


def _ask_output(desk: Desk) -> None:
    is_on = st.toggle(
        "Check the answer",
        desk.copy.checks["checks_output"],
        key=desk.key("check_checks_output"),
        help="An answer that is refused is paid for, recorded, and not given to the caller. "
        "A streamed answer is held back until it has passed.",
    )
    if not is_on:
        return
    with st.container(border=True):
        _ask_lines(
            desk,
            "terms",
            "It may not hold",
            "One term on a line, e.g. guaranteed returns",
            "Found as whole words, whatever the case. A line that begins with regex: is an "
            "expression.",
        )
        _ask_lines(
            desk,
            "parts",
            "It must hold",
            "One part on a line, e.g. a heading",
            "Found anywhere, whatever the case. A line that begins with regex: is an expression.",
        )
        _ask_lines(
            desk,
            "schema",
            "It must be JSON of this schema",
            '{"type": "object", "required": ["summary"]}',
            "A JSON schema; leave it empty where the answer is a text.",
        )
        _ask_verification(desk)


def _ask_verification(desk: Desk) -> None:
    typed = desk.copy.checks
    is_on = st.toggle(
        "Let a model judge it",
        typed["verifies"],
        key=desk.key("check_verifies"),
        help="A second call, with its own cost and time, that judges each answer.",
    )
    if not is_on:
        return
    _ask_lines(
        desk,
        "rubric",
        "The answer is good when",
        "It names every decision and invents none.",
        "What the judge goes by.",
    )
    _ask_sources(desk)
    model_select(
        "Judge",
        typed["judge"],
        key=desk.key("check_judge"),
        placeholder="The model that answered",
        help="Another model than the one that answered judges more strictly.",
    )
    st.segmented_control(
        "When it can't judge",
        list(FAILURES),
        default=typed["on_failure"],
        format_func=FAILURES.__getitem__,
        required=True,
        key=desk.key("check_on_failure"),
    )


def _ask_sources(desk: Desk) -> None:
    chosen = desk.copy.checks["sources"]
    names = [row["name"] for row in desk.copy.fields if row["name"]]
    options = list(dict.fromkeys(["", *names, chosen]))
    st.selectbox(
        "Sources it must be supported by",
        options,
        index=options.index(chosen),
        key=desk.key("check_sources"),
        format_func=lambda name: name or "No sources",
        help="The variable that holds the passages.",
    )


def _ask_lines(desk: Desk, name: str, label: str, placeholder: str, told: str) -> None:
    value = dict(desk.copy.checks)[name]
    st.text_area(
        label,
        str(value),
        key=desk.key(f"check_{name}"),
        height=LINES_HEIGHT,
        placeholder=placeholder,
        help=told,
    )


def tell_policy(policy: GuardrailPolicy) -> None:
    """Say what is checked, for those who may not change it."""
    lines = [*_say_input(policy.pre_validation), *_say_output(policy.post_validation)]
    if lines:
        st.markdown("  \n".join(lines))
    else:
        st.caption("Nothing is checked: neither what is sent nor the answer.")


def _say_input(pre: PreValidation) -> Sequence[str]:
    if not pre.enabled:
        return []
    names = ", ".join(plain(PICKED.get(one, one)) for one in pre.validators)
    return [f"What is sent: **{names or 'nothing'}**, blocked above {pre.threshold:g}"]


def _say_output(post: PostValidation) -> Sequence[str]:
    if not post.enabled:
        return []
    said = [
        (post.prohibited_terms, f"may not hold {counted(len(post.prohibited_terms), 'term')}"),
        (post.required_elements, f"must hold {counted(len(post.required_elements), 'part')}"),
        (post.format_schema, "must be JSON of a schema"),
        (post.verification, "is judged by a model"),
    ]
    return ["The answer: **" + (", ".join(words for held, words in said if held) or "any") + "**"]
