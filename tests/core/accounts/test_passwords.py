"""Passwords: which are refused and why, and that no stored hash or input breaks a sign-in."""

import pytest

from core.accounts.passwords import PasswordHasher, check_password
from core.errors import Invalid
from core.settings import AccountSettings
from tests.builders import CHEAP, PASSWORD


@pytest.mark.parametrize(
    "password",
    [
        "",
        "elevenchars",
        "x" * 257,
        "y" * 2_000_000,
        "a sound one but \ud800",
        "a sound one but \x00",
        "            ",
        "password1234",
        "P@ssw0rd2026!",
        "QwertyPassword!!",
        "iloveyouiloveyou",
        "123456789012",
        "abcdefghijklm",
        "prompthub-2026",
    ],
)
def test_a_password_that_is_guessed_early_or_cannot_be_kept_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_password(password)

    assert refused.value.field == "password"
    assert refused.value.remedy


def test_the_own_address_or_name_is_no_password() -> None:
    with pytest.raises(Invalid):
        check_password("Ada.Lovelace1815", personal=["ada-lovelace-1815"])


@pytest.mark.parametrize(
    "password", [PASSWORD, "Zwölf Böcke äsen", "s3cure-Passw0rd!", "🦊🐻🐼🐨🐯🦁" * 2]
)
def test_a_long_uncommon_password_is_taken(password: str) -> None:
    check_password(password)


async def test_a_hash_verifies_its_own_password_only() -> None:
    stored = await CHEAP.hash(PASSWORD)

    assert stored.startswith("$argon2id$")
    assert await CHEAP.verify(PASSWORD, stored)
    assert not await CHEAP.verify(PASSWORD + " ", stored)


@pytest.mark.parametrize("stored", ["", "plain", "$2b$12$abc", "$argon2id$broken", "!"])
async def test_a_hash_of_another_format_is_a_wrong_password(stored: str) -> None:
    assert not await CHEAP.verify(PASSWORD, stored)


@pytest.mark.parametrize("password", ["", "\ud800", "x" * 2_000_000, "a\x00b"])
async def test_no_input_breaks_the_verification(password: str) -> None:
    assert not await CHEAP.verify(password, await CHEAP.hash(PASSWORD))


async def test_an_account_that_does_not_exist_has_no_password() -> None:
    assert not await CHEAP.verify(PASSWORD, None)
    assert not await CHEAP.verify("", None)


async def test_the_cost_comes_from_the_settings() -> None:
    accounts = AccountSettings(argon2_time_cost=2, argon2_memory_kib=20_000)

    stored = await PasswordHasher.from_settings(accounts).hash(PASSWORD)

    assert "m=20000,t=2,p=4" in stored


@pytest.mark.parametrize("cost", [{"argon2_memory_kib": 1024}, {"argon2_time_cost": 1}])
def test_no_setting_makes_hashes_cheaper_than_is_safe(cost: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="greater than or equal"):
        AccountSettings.model_validate(cost)
