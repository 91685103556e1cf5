"""Own the desk: the working copy of one version in one browser session, between the runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

import streamlit as st
from bson import ObjectId

from core.documents import PromptVersion
from core.errors import Invalid
from core.prompts.diff import Change, compare
from core.prompts.workspace import discard_draft, keep_draft
from core.search.similar import Neighbour
from core.templates.lint import Finding, lint
from core.values.body import VersionBody
from core.values.scope import Scope
from streamlit_app.components.desk.check_rows import tidy_checks
from streamlit_app.components.desk.field_rows import FieldRow, apply_edits
from streamlit_app.components.desk.opening import Opened
from streamlit_app.components.desk.working_copy import AREAS, TextArea, WorkingCopy
from streamlit_app.components.params import PARAMS
from streamlit_app.editor import current_text

_STATE = "desk"
_REVISIONS = "desk_revisions"


Act = Literal["save", "publish"]


class Held(NamedTuple):
    """An act that waits for a word of the person, as these prompts say the same."""

    act: Act
    twins: list[Neighbour]


@dataclass
class Desk:
    """What is being edited; `revision` names the widgets, so that loaded text replaces typed.

    `keeps` says whether what is typed here is autosaved; not so where a version is only published.
    `told_twins` are prompts known to say the same, which nobody is told of twice. `texts_before`
    are those that a proposal took the place of.
    """

    opened: Opened
    copy: WorkingCopy
    revision: int
    grid: list[FieldRow]
    grid_revision: int
    kept: dict[str, Any]
    restored_at: datetime | None = None
    theirs: PromptVersion | None = None
    keeps: bool = True
    asks_number: bool = False
    asks_to_publish: bool = False
    held: Held | None = None
    told_twins: set[ObjectId] = field(default_factory=set[ObjectId])
    samples: dict[str, Any] = field(default_factory=dict[str, Any])
    texts_before: dict[TextArea, str] | None = None

    def key(self, name: str) -> str:
        """Return the key of a widget whose value belongs to this working copy."""
        return f"{name}_{self.revision}"

    @property
    def grid_key(self) -> str:
        """The key of the grid of fields; a new one makes it show the rows of `grid` again."""
        return f"fields_grid_{self.grid_revision}"

    @property
    def is_dirty(self) -> bool:
        """Whether something was typed that the stored version does not say."""
        try:
            typed = self.copy.body().canonical()
        except Invalid:
            return True
        return typed != self.opened.stored_body.canonical()

    @property
    def was_typed_on(self) -> bool:
        """Whether something was typed since it was last autosaved."""
        return self.copy.as_typed() != self.kept

    def collect(self) -> None:
        """Take over what the widgets hold by now; for callbacks and the start of a run.

        Widgets that are not drawn hold nothing, and the working copy keeps what it has.
        """
        for area, _ in AREAS:
            text = current_text(f"text_{area}", revision=self.revision)
            if text is not None:
                self.copy.texts[area] = text
        edits: object = st.session_state.get(self.grid_key)
        if isinstance(edits, Mapping):
            self.copy.fields = apply_edits(self.grid, cast("Mapping[str, Any]", edits))
        if self.key("model") in st.session_state:
            self.copy.model = st.session_state[self.key("model")]
        chosen: list[str] | None = st.session_state.get(self.key("params"))
        if chosen is not None:
            self.copy.params = {name: self._param(name) for name in chosen}
        controls = {name: self.key(f"check_{name}") for name in self.copy.checks}
        typed = {n: st.session_state[k] for n, k in controls.items() if k in st.session_state}
        self.copy.checks = tidy_checks(typed, self.copy.checks)

    def _param(self, name: str) -> Any:
        kept = self.copy.params.get(name, PARAMS[name].start)
        value = st.session_state.get(self.key(f"param_{name}"), kept)
        return kept if value is None or value == [] else value

    def take_texts(self, *, content: str, system_prompt: str) -> None:
        """Put proposed texts on the desk; those before can be had back until it is saved."""
        self.texts_before = dict(self.copy.texts)
        self.copy.texts |= {"content": content, "system_prompt": system_prompt}
        self.renew()

    def take_back_texts(self) -> None:
        """Put the texts from before the proposal on the desk again."""
        if self.texts_before is not None:
            self.copy.texts, self.texts_before = self.texts_before, None
            self.renew()

    def replace(self, copy: WorkingCopy) -> None:
        """Put another text on the desk; every widget shows it."""
        self.copy, self.texts_before = copy, None
        self.renew()

    def renew(self) -> None:
        """Give every widget the values of the working copy."""
        self.revision = next_revision()
        self.renew_grid()

    def renew_grid(self) -> None:
        """Show the rows of the working copy in the grid; texts stay as they are in the browser."""
        self.grid, self.grid_revision = list(self.copy.fields), next_revision()

    def leave_grid(self) -> None:
        """Remember the rows while the grid is not drawn and its widget forgets what was edited."""
        if self.grid != self.copy.fields:
            self.renew_grid()

    def body(self) -> VersionBody:
        """Return the body to save.

        Raises:
            Invalid: what was typed breaks a rule.
        """
        return self.copy.body()

    def findings(self) -> list[Finding]:
        """Return what the linter says about the text; nothing while it can't be read."""
        try:
            return lint(self.copy.readable())
        except Invalid:
            return []

    def changes(self) -> list[Change]:
        """Return the differences from what it is compared with; nothing where there is none."""
        base = self.opened.base
        try:
            return compare(base.body, self.copy.readable()) if base else []
        except Invalid:
            return []

    async def keep(self, scope: Scope) -> None:
        """Autosave what was typed since, or forget what is saved or taken back by now."""
        typed = self.copy.as_typed()
        version = self.opened.version
        if self.is_dirty:
            await keep_draft(
                scope,
                self.opened.prompt,
                typed,
                base_version=version.version if version else None,
                base_revision=version.revision if version else None,
            )
        else:
            await discard_draft(scope, self.opened.prompt)
        self.kept = typed


def find_desk() -> Desk | None:
    """Return what was edited last in this session."""
    desk: object = st.session_state.get(_STATE)
    return desk if isinstance(desk, Desk) else None


def place(opened: Opened) -> Desk:
    """Return the desk for what was opened, with the edits that were not saved yet."""
    desk = find_desk()
    if desk and _is_same(desk.opened, opened):
        desk.collect()
        if desk.is_dirty or _revision(desk.opened) == _revision(opened):
            # Somebody else's save is told when this one is saved; until then it is edited on.
            stays = desk.opened.version if desk.is_dirty else opened.version
            desk.opened = opened._replace(version=stays)
            return desk
    desk = _fresh(opened)
    st.session_state[_STATE] = desk
    return desk


def lay_stored(opened: Opened) -> Desk:
    """Return a desk with what is stored, for publishing it as it is."""
    desk = _fresh(opened._replace(unsaved=None))
    desk.keeps = False
    return desk


def _fresh(opened: Opened) -> Desk:
    copy, restored_at = WorkingCopy.of_body(opened.stored_body), None
    unsaved = opened.unsaved
    if unsaved and opened.can_write and unsaved.base_version == _number(opened):
        copy = WorkingCopy.of_draft(unsaved.body, opened.stored_body)
        restored_at = unsaved.updated_at
        if opened.version and unsaved.base_revision and opened.is_draft:
            # Saving must notice that somebody else changed the draft meanwhile.
            stale = opened.version.model_copy(update={"revision": unsaved.base_revision})
            opened = opened._replace(version=stale)
    return Desk(
        opened=opened,
        copy=copy,
        revision=next_revision(),
        grid=list(copy.fields),
        grid_revision=next_revision(),
        kept=copy.as_typed(),
        restored_at=restored_at,
    )


def _is_same(one: Opened, other: Opened) -> bool:
    return one.prompt.key == other.prompt.key and _number(one) == _number(other)


def _number(opened: Opened) -> str | None:
    return opened.version.version if opened.version else None


def _revision(opened: Opened) -> int | None:
    return opened.version.revision if opened.version else None


def next_revision() -> int:
    """Return a number for the keys of newly filled widgets."""
    # Never given twice in a session: widgets of an earlier desk are never mistaken for this one's.
    number: int = st.session_state.get(_REVISIONS, 0) + 1
    st.session_state[_REVISIONS] = number
    return number
