"""Own what a server has acknowledged, and the comparison of that with what is stored."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pymongo.database import Database

from core.values.body import VersionBody

Version = dict[str, Any]
Row = dict[str, Any]
# What an acknowledged publish freezes.
FROZEN = ("checksum", "content", "sequence", "published_by")


@dataclass
class Ledger:
    """Acknowledged answers by (prompt, version), and the values that a pointer may have now."""

    saved: dict[tuple[str, str], Version] = field(default_factory=dict[tuple[str, str], Version])
    published: dict[tuple[str, str], Version] = field(
        default_factory=dict[tuple[str, str], Version]
    )
    labels: dict[str, set[str | None]] = field(default_factory=dict[str, set[str | None]])
    prompts: set[str] = field(default_factory=set[str])
    unexpected: list[str] = field(default_factory=list[str])
    unanswered: Counter[str] = field(default_factory=Counter[str])

    @property
    def acknowledged(self) -> int:
        return len(self.saved) + len(self.published)

    def note_saved(self, version: Version) -> None:
        key = (version["prompt_id"], version["version"])
        before = self.saved.setdefault(key, version)
        if before["checksum"] != version["checksum"]:
            self.unexpected.append(f"{key} was given to two bodies")

    def note_published(self, version: Version) -> None:
        self.published[version["prompt_id"], version["version"]] = version

    def note_label(self, prompt_id: str, version: str, *, is_certain: bool) -> None:
        """Before the answer both the old and the new value are possible, after it one is."""
        possible = self.labels.setdefault(prompt_id, {None})
        if is_certain:
            possible.clear()
        possible.add(version)


def losses(database: Database[Row], ledger: Ledger) -> Iterator[str]:
    """Say what was acknowledged and is not stored like that."""
    prompts = {row["prompt_id"]: row for row in database["prompts"].find()}
    names = {row["_id"]: name for name, row in prompts.items()}
    stored = {
        (names[row["prompt_id"]], row["version"]): row for row in database["prompt_versions"].find()
    }
    for name in ledger.prompts - prompts.keys():
        yield f"prompt {name} is lost"
    for key, version in ledger.saved.items():
        row = stored.get(key, {})
        if (row.get("checksum"), row.get("sequence")) != (version["checksum"], version["sequence"]):
            yield f"save of {key} is lost"
    for key, version in ledger.published.items():
        row = stored.get(key, {"is_published": False})
        if not row["is_published"] or any(row[name] != version[name] for name in FROZEN):
            yield f"publish of {key} is lost or changed"
    for name, possible in ledger.labels.items():
        if prompts[name]["labels"].get("production") not in possible:
            yield f"label of {name} is lost"
    yield from _torn(list(stored.values()))
    yield from _doubled(list(stored.values()))


def _torn(rows: list[Row]) -> Iterator[str]:
    for row in rows:
        body = VersionBody.model_validate({name: row[name] for name in VersionBody.model_fields})
        if body.checksum() != row["checksum"]:
            yield f"{row['_id']} has the checksum of another body"


def _doubled(rows: list[Row]) -> Iterator[str]:
    for name in ("version", "sequence", "publish_seq"):
        yield from _given_twice(rows, name)
    # Only a roll-back, which has a parent here, stores a body again.
    yield from _given_twice([row for row in rows if row["parent_version"] is None], "checksum")


def _given_twice(rows: list[Row], name: str) -> Iterator[str]:
    used = Counter((row["prompt_id"], row[name]) for row in rows if row[name] is not None)
    return (f"{name} {key} was given twice" for key, times in used.items() if times > 1)


def half_publishes(database: Database[Row]) -> list[str]:
    """Say which prompts do not serve their newest publish, or do not list their newest version."""
    behind: list[str] = []
    for prompt in database["prompts"].find():
        rows = list(database["prompt_versions"].find({"prompt_id": prompt["_id"]}))
        served = max(
            (row for row in rows if row["makes_current"]),
            key=lambda row: int(row["publish_seq"]),
            default={"version": None, "publish_seq": 0},
        )
        if [prompt["current_version"], prompt["publish_seq"]] != [
            served["version"],
            served["publish_seq"],
        ]:
            behind.append(f"{prompt['prompt_id']} does not serve {served['version']}")
        newest = max((row["sequence"] for row in rows), default=0)
        if prompt["newest_sequence"] != newest:
            behind.append(f"{prompt['prompt_id']} does not list sequence {newest}")
    return behind
