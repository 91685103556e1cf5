"""Own the words about choosing a password."""

from core.accounts.passwords import MIN_CHARACTERS

PASSWORD_RULE = f"At least {MIN_CHARACTERS} characters. Several words in a row make a good one."
