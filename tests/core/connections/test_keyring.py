from pathlib import Path
from secrets import token_hex

import pytest
from pydantic import SecretStr

from core.connections.keyring import Keyring
from core.database.secrets import secret_path
from core.errors import NotConfigured
from core.settings import ConnectionSettings

KEY = SecretStr("sk-canary-0123456789")


def a_keyring(folder: Path, *keys: str) -> Keyring:
    return Keyring(folder, ConnectionSettings.model_validate({"encryption_keys": keys}))


def test_what_is_stored_does_not_show_the_key_and_comes_back(tmp_path: Path) -> None:
    keyring = a_keyring(tmp_path)

    stored = keyring.encrypt(KEY)

    assert "canary" not in stored
    assert a_keyring(tmp_path).decrypt(stored) == KEY
    assert secret_path(tmp_path, "connection-key").stat().st_mode & 0o777 == 0o600


def test_after_a_rotation_the_new_key_reads_what_it_wrote_and_the_old_is_gone(
    tmp_path: Path,
) -> None:
    keyring = a_keyring(tmp_path)
    old = keyring.encrypt(KEY)

    keyring.add_newer()
    assert not keyring.is_newest(old)
    assert keyring.decrypt(old) == KEY
    new = keyring.encrypt(KEY)
    keyring.forget_older()

    assert keyring.decrypt(new) == KEY
    with pytest.raises(NotConfigured):
        keyring.decrypt(old)


def test_keys_of_the_settings_are_used_newest_first_and_no_file_is_made(tmp_path: Path) -> None:
    first, second = token_hex(32), token_hex(32)
    old = a_keyring(tmp_path, first).encrypt(KEY)

    keyring = a_keyring(tmp_path, second, first)

    assert keyring.decrypt(old) == KEY
    assert not keyring.is_newest(old)
    assert a_keyring(tmp_path, second).decrypt(keyring.encrypt(KEY)) == KEY
    assert not secret_path(tmp_path, "connection-key").exists()


def test_the_file_still_decrypts_after_keys_were_set(tmp_path: Path) -> None:
    old = a_keyring(tmp_path).encrypt(KEY)

    keyring = a_keyring(tmp_path, token_hex(32))

    assert keyring.decrypt(old) == KEY
    assert keyring.is_newest(keyring.encrypt(KEY))


@pytest.mark.parametrize("key", ["", "short", "z" * 64, "ab" * 31])
def test_a_key_that_is_none_is_refused_with_the_way_to_make_one(tmp_path: Path, key: str) -> None:
    with pytest.raises(NotConfigured, match="64") as raised:
        a_keyring(tmp_path, key).encrypt(KEY)

    assert "openssl" in raised.value.remedy
