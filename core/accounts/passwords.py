"""Own passwords: which ones are taken, and their Argon2id hashes."""

import asyncio
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Self

from passlib.context import CryptContext

from core.errors import Invalid
from core.settings import AccountSettings

MIN_CHARACTERS: Final = 12
MAX_CHARACTERS: Final = 256
MIN_DISTINCT_CHARACTERS: Final = 5
# Source: RFC 9106, section 4, second recommended option (lanes).
PARALLELISM: Final = 4
# Two at a time bound the memory and the processor that a burst of sign-ins can take. Threads of
# their own and no asyncio.Semaphore, because a semaphore belongs to one event loop.
_THREADS: Final = ThreadPoolExecutor(2, thread_name_prefix="argon2")

# Words that passwords of 12 characters and more are padded out from. Source: the most frequent
# entries of public lists of leaked passwords, and what people type into a tool named like ours.
_COMMON_WORDS: Final = (
    "abc|abcd|abcdef|admin|administrator|asdf|asdfgh|asdfghjkl|baseball|changeme|default|dragon|"
    "football|guest|hello|iloveyou|letmein|login|master|monkey|mongodb|passw|passwort|"
    "password|pass|princess|prompt|prompthub|prompts|qwer|qwert|qwerty|qwertyuiop|qwertz|root|"
    "secret|sunshine|superman|test|trustno|user|welcome|whatever|zxcv|zxcvbnm"
)
_ONLY_COMMON_WORDS: Final = re.compile(f"(?:{_COMMON_WORDS})+")
_RUNS: Final = ("0123456789" * 30, "9876543210" * 30, "abcdefghijklmnopqrstuvwxyz" * 12)
_LOOK_ALIKES: Final = str.maketrans("013457@$!", "oleastasi")


def check_password(password: str, *, personal: Iterable[str] = ()) -> None:
    """Pass when a new password is long enough and not among the first to be guessed.

    `personal` are words that belong to the account: its address, its name.

    Raises:
        Invalid: the password is too short, too long, not storable or easy to guess.
    """
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise Invalid(
            f"The password has to have {MIN_CHARACTERS} to {MAX_CHARACTERS} characters.",
            field="password",
            remedy="Several words in a row make a good one.",
        )
    if not _is_encodable(password) or "\x00" in password:
        raise Invalid(
            "The password holds characters that cannot be stored.",
            field="password",
            remedy="Use letters, digits, spaces and signs of a keyboard.",
        )
    if _is_common(password) or _plain(password) in {_plain(word) for word in personal}:
        raise Invalid(
            "The password is among the first that are guessed.",
            field="password",
            remedy="Use several words that do not belong together.",
        )


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_common(password: str) -> bool:
    if len(set(password)) < MIN_DISTINCT_CHARACTERS:
        return True
    lowered = password.casefold()
    if any(lowered in run for run in _RUNS):
        return True
    core = re.sub(r"^[^a-z@$]+|[^a-z]+$", "", lowered).translate(_LOOK_ALIKES)
    return _ONLY_COMMON_WORDS.fullmatch(core) is not None


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


class PasswordHasher:
    """Argon2id at one cost; a stored hash names its own cost and is verified at that."""

    def __init__(self, *, time_cost: int = 3, memory_kib: int = 64 * 1024) -> None:
        self._context: Any = CryptContext(
            schemes=["argon2"],
            argon2__time_cost=time_cost,
            argon2__memory_cost=memory_kib,
            argon2__parallelism=PARALLELISM,
        )
        # Nobody's hash: as dear to verify as a new one, and no password is known to match it.
        cost = f"m={memory_kib},t={time_cost},p={PARALLELISM}"
        self._nobody = f"$argon2id$v=19${cost}${'A' * 22}${'A' * 43}"

    @classmethod
    def from_settings(cls, accounts: AccountSettings) -> Self:
        """Return the hasher of the configured cost."""
        return cls(time_cost=accounts.argon2_time_cost, memory_kib=accounts.argon2_memory_kib)

    async def hash(self, password: str) -> str:
        """Return the hash to store of a password that `check_password` has passed."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_THREADS, self._context.hash, password)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Return whether the password is the one of the hash.

        None stands for an account that does not exist: the answer is no and takes as long, so
        that time does not tell which accounts exist.
        """
        # Nothing longer was ever stored, and hashing megabytes is work for an attacker's benefit.
        if len(password) > MAX_CHARACTERS or not _is_encodable(password):
            password, password_hash = "", None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            _THREADS, self._matches, password, password_hash or self._nobody
        )

    def _matches(self, password: str, password_hash: str) -> bool:
        try:
            return bool(self._context.verify(password, password_hash))
        except ValueError:
            # A hash in a format that is not ours: nobody knows its password.
            return False


# The cost of a process that was not told another one.
HASHER: Final = PasswordHasher()
