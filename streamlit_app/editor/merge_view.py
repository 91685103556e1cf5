"""The comparison of two texts, side by side or stacked where the page is narrow."""

from streamlit_app.editor.component import register

_render = register("prompthub_merge_view", mount="mountMerge", css="merge.css")


def merge_view(
    old: str,
    new: str,
    *,
    key: str,
    height: int = 320,
    old_title: str = "",
    new_title: str = "",
) -> None:
    """Show what differs between two texts, with marks on words and unchanged lines collapsed.

    `height` is the most the texts take, in px; shorter texts take less, longer ones scroll.
    Below 640 px of width, removed lines stand above the added ones.
    """
    old, new = ended(old, new)
    label = f"{old_title} compared with {new_title}" if old_title and new_title else "Changes"
    _render(
        key=key,
        data={
            "old": old,
            "new": new,
            "height": height,
            "minHeight": 0,
            "oldTitle": old_title,
            "newTitle": new_title,
            "label": label,
        },
    )


def ended(old: str, new: str) -> tuple[str, str]:
    """Return the texts so that a line added below the last one leaves that one unchanged.

    Where neither text ends its last line, the line break alone would mark it as removed and added.
    """
    if old.endswith("\n") or new.endswith("\n") or old.splitlines()[-1:] == new.splitlines()[-1:]:
        return old, new
    return f"{old}\n", f"{new}\n"
