"""Own the commands about accounts."""

from argparse import Namespace

from core.accounts.emails import normalise_email
from core.accounts.password_changes import reset_password
from core.accounts.passwords import PasswordHasher
from core.accounts.users import NewUser, create_user
from core.admin.console import ask_password, say
from core.database.open import opened
from core.documents import User
from core.errors import NotFound
from core.settings import Settings
from core.values.scope import SYSTEM


async def create(settings: Settings, arguments: Namespace) -> None:
    """Open an account.

    Raises:
        AlreadyExists, Invalid: as `core.accounts.users.create_user`.
    """
    password = ask_password(from_stdin=arguments.password_stdin)
    new = NewUser(email=arguments.email, password=password, full_name=arguments.name)
    hasher = PasswordHasher.from_settings(settings.accounts)
    async with opened(settings.mongo, settings.data_dir):
        user = await create_user(SYSTEM, new, is_superuser=arguments.superuser, hasher=hasher)
    say(f"{user.email} has an account{' and is superuser' if user.is_superuser else ''}.")


async def reset(settings: Settings, arguments: Namespace) -> None:
    """Give an account another password.

    Raises:
        NotFound: there is no such account.
        Invalid: the password breaks a rule.
    """
    password = ask_password(from_stdin=arguments.password_stdin)
    hasher = PasswordHasher.from_settings(settings.accounts)
    async with opened(settings.mongo, settings.data_dir):
        user = await find_user(arguments.email)
        await reset_password(SYSTEM, user.key, password, hasher=hasher)
    say(f"{user.email} has the new password and is signed out everywhere.")


async def find_user(email: str) -> User:
    """Return the account with an address.

    Raises:
        NotFound: there is none.
        Invalid: it is no address.
    """
    user = await User.find_one({"email": normalise_email(email)})
    if user is None:
        raise NotFound("account", email)
    return user
