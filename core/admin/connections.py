"""Own the commands about stored connections."""

from argparse import Namespace

from core.admin.console import say
from core.connections.keyring import Keyring
from core.connections.store import rotate_keys
from core.database.open import opened
from core.settings import Settings
from core.values.scope import SYSTEM


async def rotate(settings: Settings, _arguments: Namespace) -> None:
    """Encrypt every stored provider key with a new key.

    Raises:
        NotConfigured: a stored key cannot be decrypted; nothing is changed then.
    """
    keyring = Keyring(settings.data_dir, settings.connections)
    async with opened(settings.mongo, settings.data_dir):
        renewed = await rotate_keys(SYSTEM, keyring=keyring)
    say(f"{renewed} provider keys are encrypted with the newest key.")
