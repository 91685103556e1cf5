"""Own what was done in words: one sentence part for each action that is recorded."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "version.publish": "Published a version",
        "version.roll_back": "Rolled back",
        "version.delete": "Deleted a draft",
        "label.move": "Moved a label",
        "label.remove": "Removed a label",
        "prompt.create": "Created a prompt",
        "prompt.update": "Changed a prompt's details",
        "prompt.duplicate": "Duplicated a prompt",
        "prompt.import": "Imported a prompt",
        "prompt.deactivate": "Took a prompt out of service",
        "prompt.restore": "Restored a prompt",
        "prompts.export": "Exported prompts",
        "application.create": "Created an application",
        "application.update": "Changed an application",
        "application.regenerate_key": "Made a new key",
        "application.transfer": "Handed an application over",
        "application.deactivate": "Deactivated an application",
        "application.restore": "Restored an application",
        "member.set": "Gave a role",
        "member.remove": "Removed a member",
        "invitation.create": "Invited somebody",
        "invitation.revoke": "Took an invitation back",
        "invitation.accept": "Accepted an invitation",
        "user.register": "Registered",
        "user.create": "Added an account",
        "user.update": "Changed an account",
        "user.change_password": "Changed the own password",
        "user.reset_password": "Reset a password",
        "user.erase": "Erased what a person said",
        "session.start": "Signed in",
        "session.end": "Signed a session out",
        "session.end_all": "Signed out everywhere",
        "session.end_others": "Signed the other sessions out",
        "session.reuse": "Used a sign-in token twice",
        "connection.create": "Added a connection",
        "connection.update": "Changed a connection",
        "connection.delete": "Deleted a connection",
        "connection.rotate_keys": "Renewed the encryption of keys",
        "anomaly.acknowledge": "Acknowledged something unusual",
        "anomaly.mute": "Muted something unusual",
        "anomaly.unmute": "Unmuted something unusual",
        "execution.erase": "Erased the texts of a run",
        "comparison.delete": "Deleted a comparison",
    }
)


def in_words(action: str) -> str:
    """Return what was done; an action of another version of PromptHub by its own name."""
    return ACTIONS.get(action, action)
