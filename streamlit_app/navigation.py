"""Own the table of pages: address, file, title, icon, and who sees them in the menu."""

from pathlib import Path
from typing import NamedTuple

from core.values.scope import RANK, Scope
from prompthub.wire.literals import Role

FOLDER = Path(__file__).parent / "app_pages"

# What the address of a page is about: only links, the history and the server change these. The
# other parameters belong to widgets, which write them into the address themselves.
ABOUT = frozenset({"prompt", "application", "version", "comparison", "source"})


class PageEntry(NamedTuple):
    """One page. The first of the table is the default and answers at `/`."""

    url_path: str
    file: str
    title: str
    icon: str
    section: str = ""
    is_hidden: bool = False
    # Who has no higher role anywhere comes by links only.
    menu_role: Role = "viewer"
    superuser_only: bool = False
    admin_only: bool = False

    def is_for(self, scope: Scope) -> bool:
        """Whether the page has anything for the viewer; `admin_only` means of any application."""
        if scope.sees_everything:
            return True
        is_admin = "admin" in scope.roles.values()
        return not self.superuser_only and (is_admin or not self.admin_only)

    def is_in_menu(self, scope: Scope) -> bool:
        """Whether the menu offers the page to the viewer."""
        if self.is_hidden or not self.is_for(scope):
            return False
        held = max((RANK[role] for role in scope.roles.values()), default=0)
        return scope.sees_everything or self.menu_role == "viewer" or held >= RANK[self.menu_role]


PAGES = (
    PageEntry("library", "library.py", "Library", "library_books"),
    PageEntry("playground", "playground.py", "Playground", "play_circle"),
    PageEntry("compare", "compare.py", "Compare", "compare"),
    PageEntry("analytics", "analytics.py", "Analytics", "monitoring"),
    PageEntry("executions", "execution_logs.py", "Executions", "list_alt"),
    PageEntry("feedback", "feedback.py", "Feedback", "reviews"),
    PageEntry("editor", "prompt_editor.py", "Editor", "edit_note", is_hidden=True),
    PageEntry("versions", "versions.py", "Versions", "history", is_hidden=True),
    PageEntry("applications", "applications.py", "Applications", "apps", section="Manage"),
    PageEntry(
        "extract", "extract.py", "Extract", "travel_explore", section="Manage", menu_role="editor"
    ),
    PageEntry("audit", "audit.py", "Audit", "history", section="Manage", admin_only=True),
    PageEntry("account", "account.py", "Account", "person", section="Manage"),
    PageEntry("users", "users.py", "Users", "group", section="Manage", superuser_only=True),
    PageEntry(
        "connections", "connections.py", "Connections", "hub", section="Manage", superuser_only=True
    ),
    PageEntry(
        "settings", "settings.py", "Settings", "settings", section="Manage", superuser_only=True
    ),
)
SIGN_IN = FOLDER / "sign_in.py"


def page_path(url_path: str) -> str:
    """Return the script of a page, for `st.page_link` and `st.switch_page`.

    Raises:
        KeyError: there is no such page.
    """
    return str(FOLDER / {page.url_path: page.file for page in PAGES}[url_path])


def url_paths() -> frozenset[str]:
    """Return the paths that answer with the application, without leading slash."""
    return frozenset({"", *(page.url_path for page in PAGES[1:])})
