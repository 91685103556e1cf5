"""Made-up secrets of the tests, and the watch over logs and answers that must not carry them."""

import logging
from typing import Final

from typing_extensions import override

from core.telemetry import JsonLines
from tests.builders import PASSWORD

# Whatever of these is sent in a test of the API must stand in no log line and in no refusal.
PROVIDER_KEY: Final = "sk-canary-5d1f7be2c09a"
PROMPT_TEXT: Final = "canary-prompt-8c21d4"
KNOWN: Final = (PASSWORD, PROVIDER_KEY, PROMPT_TEXT)


class Watch(logging.Handler):
    """Every line that was logged, as it is written, and the secrets that were handed out."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []
        self.secrets: set[str] = set(KNOWN)
        self.setFormatter(JsonLines())

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))

    def hand_out(self, *secrets: str) -> None:
        """Remember what was just issued: it must never be logged from now on."""
        self.secrets.update(secrets)

    def leaks(self) -> list[str]:
        """Return the lines that hold a secret."""
        return [line for line in self._lines if any(one in line for one in self.secrets)]

    def forget(self) -> None:
        """Begin anew, so that a test is blamed for its own lines only."""
        self._lines.clear()
        self.secrets = set(KNOWN)


WATCH: Final = Watch()
