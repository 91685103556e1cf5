"""A version with what it is made of, held against a naive resolver on generated graphs."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid, MissingVariables, PromptHubError
from core.templates.compose import (
    Link,
    Part,
    merged_policy,
    preview_composed,
    render_composed,
    render_metaprompt,
)
from core.values.body import VersionBody
from core.values.dependency import Dependency
from prompthub.wire.literals import DependencyType
from tests.builders import a_body

VARIABLES = ("who", "what")
VALUES = {"who": "Ada {{ n0 }}", "what": "{% raw %}"}


def a_link(kind: DependencyType, name: str, part: Part) -> Link:
    said: dict[str, Any] = {"dependency_type": kind, "prompt_id": name, "version": "1.0.0"}
    return Link(Dependency.model_validate(said), part)


def a_part(content: str, *links: Link, **fields: Any) -> Part:
    return Part(a_body(content, dependencies=[link.dependency for link in links], **fields), links)


def texts(part: Part, **values: Any) -> list[tuple[str, str]]:
    return [(one.role, one.content) for one in render_composed(part, values)]


# A graph: node i may use nodes before it only, so there is no circle. A text is a list of words,
# each a literal, a variable, or the number of an included node.
Word = str | int


@st.composite
def graphs(draw: st.DrawFn) -> list[tuple[list[Word], list[Word], list[int]]]:
    nodes: list[tuple[list[Word], list[Word], list[int]]] = []
    for number in range(draw(st.integers(1, 6))):
        earlier = st.integers(0, number - 1) if number else st.nothing()
        word = st.one_of(st.sampled_from(["a", "b\n", "who", "what"]), earlier)
        system = draw(st.lists(earlier, max_size=3, unique=True)) if number else []
        nodes.append((draw(st.lists(word, max_size=5)), draw(st.lists(word, max_size=3)), system))
    return nodes


def written(words: list[Word]) -> str:
    names = [f"n{word}" if isinstance(word, int) else word for word in words]
    return " ".join(f"{{{{ {n} }}}}" if re.fullmatch("n\\d|who|what", n) else n for n in names)


def naive(nodes: list[Any], words: list[Word]) -> str:
    """Say each word: a variable's value as it is, an include by saying its words."""
    said = (naive(nodes, nodes[w][0]) if isinstance(w, int) else VALUES.get(w, w) for w in words)
    return " ".join(said)


def built(nodes: list[Any]) -> Part:
    parts: list[Part] = []
    content: list[Word]
    system: list[Word]
    depends: list[int]
    for content, system, depends in nodes:
        used = sorted({w for w in (*content, *system) if isinstance(w, int)})
        links = [a_link("include", f"n{w}", parts[w]) for w in used]
        links += [a_link("system_prompt", f"n{w}", parts[w]) for w in depends]
        parts.append(a_part(written(content), *links, system_prompt=written(system)))
    return parts[-1]


@given(graphs())
def test_any_graph_reads_as_the_naive_resolver_says(nodes: list[Any]) -> None:
    root = built(nodes)
    content, system, depends = nodes[-1]
    blocks = [*(naive(nodes, nodes[one][0]) for one in depends), naive(nodes, system)]
    expected = "\n\n".join(block for block in blocks if block.strip())
    every = content, system, *(nodes[one][0] for one in depends)
    used = {name for words in every for name in reached(nodes, words)}

    said = render_composed(root, {name: VALUES[name] for name in used})

    assert [(m.role, m.content) for m in said] == [
        *([("system", expected)] if expected else []),
        ("user", naive(nodes, content)),
    ]


def reached(nodes: list[Any], words: list[Word]) -> set[str]:
    found = {w for w in words if w in VARIABLES}
    for w in words:
        found |= reached(nodes, nodes[w][0]) if isinstance(w, int) else set()
    return {str(name) for name in found}


def test_what_an_include_printed_is_never_rendered_again() -> None:
    inner = a_part("{{ name }}")

    said = texts(a_part("{{ inner }}!", a_link("include", "inner", inner)), name="{{ 7 * 7 }}")

    assert said == [("user", "{{ 7 * 7 }}!")]


def test_a_value_within_an_include_stays_marked_as_the_callers() -> None:
    inner = a_part("Dear {{ name }},")
    root = a_part("{{ inner }} hello", a_link("include", "inner", inner))

    (user,) = preview_composed(root, {"name": "Ada"})

    assert [(s.text, s.variable) for s in user.segments if s.variable] == [("Ada", "name")]


def test_an_include_can_be_tested_and_filtered_like_any_text() -> None:
    inner = a_part("quiet")
    root = a_part("{% if inner %}{{ inner | upper }}{% endif %}", a_link("include", "inner", inner))

    assert texts(root) == [("user", "QUIET")]


def test_the_name_of_an_include_is_known_where_it_is_declared_only() -> None:
    inner = a_part("{{ other }}")
    root = a_part(
        "{{ inner }} {{ other }}",
        a_link("include", "inner", inner),
        a_link("include", "other", a_part("x")),
    )

    with pytest.raises(MissingVariables):
        texts(root)
    assert texts(root, other="given") == [("user", "given x")]


def test_fields_of_included_versions_count_and_the_nearest_wins() -> None:
    fields = [{"name": "tone", "default": "calm"}, {"name": "n", "type": "number"}]
    inner = a_part("{{ tone }} {{ n }}", required_fields=fields)
    link = a_link("include", "inner", inner)

    assert texts(a_part("{{ inner }}", link), n=1) == [("user", "calm 1")]
    nearer = a_part("{{ inner }}", link, required_fields=[{"name": "tone", "default": "loud"}])
    assert texts(nearer, n=1) == [("user", "loud 1")]
    with pytest.raises(Invalid):
        texts(nearer, n="many")


def test_an_include_that_no_text_names_asks_for_nothing() -> None:
    root = a_part("plain", a_link("include", "inner", a_part("{{ name }}")))

    assert texts(root) == [("user", "plain")]


def test_texts_that_double_at_every_level_meet_the_limit_of_values() -> None:
    part = a_part("x" * 1000)
    for _ in range(7):
        part = a_part("{{ n }}" * 20, a_link("include", "n", part))

    with pytest.raises(PromptHubError):
        texts(part)


def test_metaprompts_are_joined_and_print_nothing_for_what_is_missing() -> None:
    root = a_part(
        "x",
        a_link("metaprompt", "house", a_part("House rules for {{ who }}.")),
        metaprompt="Be {{ tone }}brief.",
    )

    assert render_metaprompt(root, {"who": "us"}) == "House rules for us.\n\nBe brief."


def policy(**parts: Any) -> dict[str, Any]:
    return {"guardrail_config": parts}


def test_guardrails_merge_to_the_strictest() -> None:
    own = policy(
        pre_validation={"enabled": True, "threshold": 0.8, "validators": ["size"]},
        post_validation={"enabled": False, "prohibited_terms": ["not in force"]},
    )
    deep = a_part("x", **policy(post_validation={"enabled": True, "prohibited_terms": ["b"]}))
    guard = a_part(
        "x",
        a_link("guardrail", "deep", deep),
        **policy(
            pre_validation={"enabled": True, "threshold": 0.5, "validators": ["secrets", "size"]},
            post_validation={
                "enabled": True,
                "prohibited_terms": ["a"],
                "required_elements": ["c"],
            },
        ),
    )

    merged = merged_policy(a_part("x", a_link("guardrail", "guard", guard), **own))

    assert merged.pre_validation.threshold == 0.5
    assert merged.pre_validation.validators == ("size", "secrets")
    assert merged.post_validation.prohibited_terms == ("a", "b")
    assert merged.post_validation.required_elements == ("c",)


def test_two_schemas_cannot_both_be_kept() -> None:
    schemas = [{"enabled": True, "format_schema": {"type": t}} for t in ("object", "array")]
    guard = a_part("x", **policy(post_validation=schemas[0]))

    with pytest.raises(Invalid):
        merged_policy(
            a_part("x", a_link("guardrail", "g", guard), **policy(post_validation=schemas[1]))
        )


def test_a_verification_of_a_guardrail_is_kept_and_two_different_ones_are_refused() -> None:
    asked = [{"enabled": True, "verification": {"rubric": rubric}} for rubric in ("a", "b")]
    guard = a_link("guardrail", "g", a_part("x", **policy(post_validation=asked[0])))
    silent = policy(post_validation={"enabled": True, "prohibited_terms": ["c"]})

    merged = merged_policy(a_part("x", guard, **silent)).post_validation
    same = merged_policy(a_part("x", guard, **policy(post_validation=asked[0]))).post_validation

    assert merged.verification is not None
    assert (merged.verification.rubric, merged.prohibited_terms) == ("a", ("c",))
    assert same.verification == merged.verification
    with pytest.raises(Invalid):
        merged_policy(a_part("x", guard, **policy(post_validation=asked[1])))


def test_a_checksum_without_dependencies_is_what_it_was() -> None:
    plain = VersionBody(content="Say hello to {{ name }}.")
    made = a_body(
        dependencies=[{"dependency_type": "include", "prompt_id": "p", "version": "1.0.0"}]
    )

    assert "dependencies" not in plain.canonical()
    assert plain.checksum() == "b9f13da38ffc6a98689944e6976fe1c664f640ef37a3a17af567d5590b507c2e"
    assert made.checksum() != plain.checksum()
