"""Own who and what an event names, in words: people, applications, prompts, connections."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

from bson import ObjectId

from core.accounts.directory import find_named, find_people
from core.documents import AuditEvent
from core.prompts.names import find_prompt_ids
from core.values.scope import Scope

_KINDS = ("prompt", "application", "user")


class Names(NamedTuple):
    """What the events of a page name, as far as it exists and the viewer may know it."""

    prompts: Mapping[ObjectId, tuple[str, ObjectId]]
    applications: Mapping[ObjectId, str]
    people: Mapping[ObjectId, str]

    def target(self, event: AuditEvent) -> str:
        """Return what was acted on, as plain text."""
        kind, _, key = event.target.partition(":")
        if not key:
            return event.target
        known = self._known(kind, _id(key))
        return known or _named_in(event) or f"{kind} {key[-6:]}"

    def actor(self, event: AuditEvent) -> str:
        """Return who acted, as plain text."""
        kind, _, name = event.actor.partition(":")
        if kind == "application":
            return f"key of {self.applications.get(_id(name), name[-6:])}"
        return name or event.actor

    def value(self, field: str, value: object) -> str:
        """Return a stored fact; the id of a person as the address."""
        if field in {"user_id", "owner_id"} and isinstance(value, str):
            return self.people.get(_id(value), value)
        return _as_text(value)

    def _known(self, kind: str, key: ObjectId) -> str | None:
        if kind == "prompt":
            return self.prompts[key][0] if key in self.prompts else None
        return {"application": self.applications, "user": self.people}.get(kind, {}).get(key)


def _named_in(event: AuditEvent) -> str:
    """Return the name that the event itself holds, of what is gone or has no page."""
    facts = {**event.before, **event.after}
    return next(
        (str(facts[name]) for name in ("name", "email", "prompt_id") if facts.get(name)), ""
    )


def _as_text(value: object) -> str:
    if value is None or value in ("", [], {}):
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_as_text(one) for one in cast("list[object]", value))
    if isinstance(value, dict):
        facts = cast("dict[str, object]", value)
        return ", ".join(f"{name} {_as_text(one)}" for name, one in facts.items())
    return str(value)


def _id(text: str) -> ObjectId:
    return ObjectId(text) if ObjectId.is_valid(text) else ObjectId()


async def load_names(scope: Scope, events: Iterable[AuditEvent]) -> Names:
    """Load what the events name, by three reads however many there are."""
    wanted: dict[str, set[ObjectId]] = {kind: set() for kind in _KINDS}
    for event in events:
        for reference in (event.target, event.actor):
            kind, _, key = reference.partition(":")
            if kind in wanted and ObjectId.is_valid(key):
                wanted[kind].add(ObjectId(key))
        if event.application_id:
            wanted["application"].add(event.application_id)
        for facts in (event.before, event.after):
            for name in ("user_id", "owner_id"):
                if ObjectId.is_valid(str(facts.get(name))):
                    wanted["user"].add(ObjectId(str(facts[name])))
    prompts, applications, people = await asyncio.gather(
        find_prompt_ids(scope, wanted["prompt"]),
        find_named(scope, wanted["application"]),
        find_people(scope, wanted["user"]),
    )
    return Names(prompts, applications, {key: user.email for key, user in people.items()})
