"""Own the keys that encrypt the provider keys of stored connections, and their rotation."""

from base64 import urlsafe_b64encode
from pathlib import Path
from secrets import token_hex
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from core.database.secrets import load_secret, replace_secret, secret_path
from core.errors import NotConfigured
from core.settings import ConnectionSettings

SECRET: Final = "connection-key"  # noqa: S105 -- the name of a file
SETTING: Final = "PROMPTHUB_CONNECTIONS__ENCRYPTION_KEYS"
KEY_BYTES: Final = 32


class Keyring:
    """Encrypt with the newest key, decrypt with any.

    The keys are those of the settings, or else those in the file `connection-key` of the data
    folder, newest first. The file is read at every use, so that a rotation by another process
    counts at once.
    """

    def __init__(self, data_dir: Path, settings: ConnectionSettings) -> None:
        self._data_dir = data_dir
        self._given = settings.encryption_keys

    def encrypt(self, secret: SecretStr) -> str:
        """Return the secret as it may be stored.

        Raises:
            NotConfigured: a key is damaged, or the data folder cannot be used.
        """
        return _fernet(self._keys()).encrypt(secret.get_secret_value().encode()).decode("ascii")

    def decrypt(self, encrypted: str) -> SecretStr:
        """Return the secret.

        Raises:
            NotConfigured: none of the keys fits.
        """
        try:
            return SecretStr(_fernet(self._keys()).decrypt(encrypted.encode()).decode())
        except InvalidToken as error:
            raise NotConfigured(
                "The stored provider key was encrypted with a key that is not here.",
                setting=SETTING,
                remedy="Bring the key back from a backup, or enter the provider key again.",
            ) from error

    def is_newest(self, encrypted: str) -> bool:
        """Whether the newest key alone decrypts it."""
        try:
            _fernet(self._keys()[:1]).decrypt(encrypted.encode())
        except InvalidToken:
            return False
        return True

    def add_newer(self) -> None:
        """Put a new key before those of the file; keys of the settings are their owner's."""
        if not self._given:
            self._write([token_hex(KEY_BYTES), *self._keys()])

    def forget_older(self) -> None:
        """Keep the newest key of the file only."""
        if not self._given:
            self._write(self._keys()[:1])

    def _keys(self) -> list[str]:
        """Return the keys as hexadecimal digits; a file made before the setting still decrypts."""
        given = [key.get_secret_value() for key in self._given]
        if given and not secret_path(self._data_dir, SECRET).exists():
            return given
        loaded = load_secret(self._data_dir, SECRET, length_bytes=KEY_BYTES)
        return given + loaded.get_secret_value().split()

    def _write(self, keys: list[str]) -> None:
        replace_secret(self._data_dir, SECRET, SecretStr("\n".join(keys)))


def _fernet(keys: list[str]) -> MultiFernet:
    try:
        raw = [bytes.fromhex(key) for key in keys]
        return MultiFernet([Fernet(urlsafe_b64encode(one)) for one in raw])
    except ValueError as error:
        raise NotConfigured(
            "A key for the provider keys is not 64 hexadecimal digits.",
            setting=SETTING,
            remedy="Make one with: openssl rand -hex 32",
        ) from error
