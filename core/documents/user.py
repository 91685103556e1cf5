"""Own the stored user."""

from pymongo import ASCENDING, IndexModel

from core.documents.base import Changing


class User(Changing):
    """A person with an account; `email` is lower-cased and in NFC."""

    email: str
    password_hash: str
    full_name: str = ""
    is_active: bool = True
    is_superuser: bool = False

    class Settings:
        name = "users"
        indexes = [IndexModel([("email", ASCENDING)], name="email", unique=True)]
