"""Bodies are read strictly: what could not be stored and sent back is refused."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.values.strict_json import MAX_DEPTH, parse

HOSTILE = {
    "not a number": b'{"a":NaN}',
    "infinity": b'{"a":Infinity}',
    "minus infinity": b'{"a":-Infinity}',
    "too large a float": b'{"a":1e999}',
    "an integer beyond 64 bits": b'{"a":9223372036854775808}',
    "a negative integer beyond 64 bits": b'{"a":-9223372036854775809}',
    "an integer of many digits": b'{"a":' + b"9" * 10_000 + b"}",
    "a lone surrogate": rb'{"a":"\ud83d"}',
    "a lone surrogate as key": rb'{"\ud83d":1}',
    "a NUL": rb'{"a":"\u0000"}',
    "a NUL as key": rb'{"\u0000":1}',
    "a key twice": b'{"a":1,"a":1}',
    "a key twice further down": b'[{"b":{"a":1,"a":2}}]',
    "too deep a list": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "too deep an object": b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
    "a stack of brackets": b"[" * 100_000,
    "a database reference": b'{"metadata":{"$ref":"users","$id":1}}',
    "a cut text": b'{"a":',
    "nothing but spaces": b"  ",
    "two values": b"{} {}",
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "Latin-1": '{"a":"é"}'.encode("latin-1"),
    "a byte order mark": b'\xef\xbb\xbf{"a":1}',
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_json_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(raw)

    assert refusal.value.field == "body"


def test_json_at_the_limits_is_read() -> None:
    raw = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    assert orjson.dumps(parse(raw)) == raw
    assert parse(b"[9223372036854775807, -9223372036854775808, 1e308]") == [
        2**63 - 1,
        -(2**63),
        1e308,
    ]


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.text(st.characters(codec="utf-8", exclude_characters="\x00")),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("abc$."), inner),
    )
)
def test_ordinary_json_is_read_as_it_is(value: object) -> None:
    assert parse(orjson.dumps(value)) == value
