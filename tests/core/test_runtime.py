"""What a process serves with: keys, tokens, repairs, the end of everything it opened."""

from pathlib import Path

import pytest

from core.accounts.throttle import SignInThrottle
from core.accounts.users import NewUser, register
from core.database.connect import Database
from core.documents import Application
from core.rate_limits import RateLimits
from core.runtime import is_loopback, started
from core.settings import ServerSettings, Settings
from tests.builders import CHEAP, PASSWORD

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens here


def settings_for(database: Database, uri: str, data_dir: Path, address: str) -> Settings:
    return Settings.model_validate(
        {
            "data_dir": data_dir,
            "mongo": {"uri": uri, "database": database.name},
            "server": {"address": address},
        }
    )


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        (EVERYWHERE, False),
        ("::", False),
        ("192.168.1.2", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_only_addresses_of_this_machine_are_loopback(address: str, *, expected: bool) -> None:
    assert is_loopback(address) is expected


async def test_on_loopback_no_set_up_token_is_needed(
    database: Database, mongo_uri: str, tmp_path: Path
) -> None:
    async with started(settings_for(database, mongo_uri, tmp_path, "127.0.0.1")) as runtime:
        assert runtime.setup_token is None
        assert len(runtime.token_key.get_secret_value()) >= 32


async def test_behind_a_proxy_that_others_reach_the_set_up_token_is_needed(
    database: Database, mongo_uri: str, tmp_path: Path
) -> None:
    alone = settings_for(database, mongo_uri, tmp_path, "127.0.0.1")
    server = ServerSettings(public_url="https://prompts.example.org")

    async with started(alone.model_copy(update={"server": server})) as runtime:
        assert runtime.setup_token is not None


async def test_elsewhere_the_set_up_token_is_printed_until_somebody_has_an_account(
    database: Database, mongo_uri: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_for(database, mongo_uri, tmp_path, EVERYWHERE)

    async with started(settings) as runtime:
        assert runtime.setup_token is not None
        token = runtime.setup_token.get_secret_value()
        printed = capsys.readouterr().err
        await register(
            NewUser.model_validate({"email": "ada@example.org", "password": PASSWORD}),
            accounts=settings.accounts,
            setup_token=token,
            needs_setup_token=runtime.setup_token,
            throttle=runtime.throttle,
            address="",
            hasher=CHEAP,
        )
    async with started(settings) as again:
        assert again.setup_token == runtime.setup_token

    assert token in printed
    assert token not in capsys.readouterr().err


async def test_a_start_repairs_what_a_crash_left(
    database: Database, mongo_uri: str, tmp_path: Path
) -> None:
    settings = settings_for(database, mongo_uri, tmp_path, "127.0.0.1")
    await register(
        NewUser.model_validate({"email": "ada@example.org", "password": PASSWORD}),
        accounts=settings.accounts,
        setup_token=None,
        needs_setup_token=None,
        throttle=SignInThrottle(RateLimits(), per_account=1, per_address=1),
        address="",
        hasher=CHEAP,
    )
    await Application.delete_all()

    async with started(settings):
        assert await Application.find_one({"name": "default"}) is not None
