"""E-mail addresses: one spelling each, and nothing that is none."""

import pytest

from core.accounts.emails import normalise_email
from core.errors import Invalid


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada@Example.ORG ", "ada@example.org"),
        ("ada@\uff25xample.org", "ada@example.org"),
        ("re\u0301ne\u0301@example.org", "r\u00e9n\u00e9@example.org"),
        ("ada@prompthub.test", "ada@prompthub.test"),
        ("Ada@Office.LOCAL", "ada@office.local"),
        ("ada@nas.home.arpa", "ada@nas.home.arpa"),
        ("ada@corp.internal", "ada@corp.internal"),
    ],
)
def test_an_address_has_one_spelling(written: str, stored: str) -> None:
    assert normalise_email(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "ada@example",
        "ada@localhost",
        "ada@host.localhost",
        "ada@local",
        "ada@.local",
        "ada@home.arpa",
        "ada@-x.local",
        "a..b@example.org",
        "ada@exa mple.org",
        "Ada <ada@example.org>",
        "ada@example.org\r\nBcc: all@example.org",
        "ada@example.org\n",
        "ada@example.org\x00",
        "a\ud800@example.org",
        "ada@[127.0.0.1]",
        '{"$ne": null}',
        "a" * 2_000_000 + "@example.org",
    ],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        normalise_email(written)

    assert refused.value.field == "email"
