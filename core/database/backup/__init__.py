"""Own the copy of everything in one file: `archive` is its format, `save` and `restore` use it."""

from core.database.backup.archive import Contents, check_archive
from core.database.backup.restore import restore
from core.database.backup.save import save

__all__ = ["Contents", "check_archive", "restore", "save"]
