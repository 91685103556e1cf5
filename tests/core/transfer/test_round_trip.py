"""A library that is exported and imported elsewhere is the same library."""

from typing import Any

import orjson
import pytest
from bson import ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import transfer
from core.documents import Prompt, PromptVersion
from core.transfer import Report
from core.values.body import VersionBody
from core.values.scope import SYSTEM
from tests.builders import an_application
from tests.core.transfer.files import export

pytestmark = pytest.mark.usefixtures("database")

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00{}"), max_size=30)
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXTS
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
NAMES = ("greet", "part", "tone")


@st.composite
def bodies(draw: st.DrawFn, below: list[tuple[str, str, bool]], published: bool) -> dict[str, Any]:
    """A body that may be made of the versions written before it."""
    usable = [one for one in below if one[2] or not published]
    named = draw(st.lists(st.sampled_from(usable), max_size=2, unique=True)) if usable else []
    kinds = draw(st.permutations(["include", "metaprompt"]))
    body = VersionBody.model_validate(
        {
            "content": draw(TEXTS),
            "system_prompt": draw(TEXTS),
            "required_fields": [
                {"name": f"v{n}", "required": False, "default": draw(TEXTS | st.none())}
                for n in range(draw(st.integers(0, 2)))
            ],
            "model_params": {"temperature": draw(st.none() | st.floats(0, 2))},
            "dependencies": [
                {"dependency_type": kind, "prompt_id": one[0], "version": one[1]}
                for kind, one in zip(kinds, named, strict=False)
            ],
        }
    )
    return body.model_dump(mode="json")


@st.composite
def libraries(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The prompts of a file: versions of several prompts, made of earlier ones, some published."""
    rows: dict[str, dict[str, Any]] = {
        prompt_id: {
            "prompt_id": prompt_id,
            "name": draw(LINES.filter(str.strip)),
            "description": draw(TEXTS),
            "folder": draw(st.sampled_from(["", "mail", "mail/replies"])),
            "tags": draw(st.lists(st.sampled_from(["a", "b", "ß"]), max_size=2)),
            "is_active": draw(st.booleans()),
            "versions": [],
        }
        for prompt_id in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
    }
    below: list[tuple[str, str, bool]] = []
    for owner in draw(st.lists(st.sampled_from(sorted(rows)), max_size=6)) if rows else ():
        published = draw(st.booleans())
        versions = rows[owner]["versions"]
        number = f"1.{len(versions)}.{draw(st.integers(0, 3))}"
        others = [one for one in below if one[0] != owner]
        versions.append(
            {
                "version": number,
                "body": draw(bodies(others, published)),
                "is_published": published,
                "change_description": draw(TEXTS),
                "metadata": draw(st.dictionaries(TEXTS, VALUES, max_size=2)),
            }
        )
        below.append((owner, number, published))
    for row in rows.values():
        served = [one["version"] for one in row["versions"] if one["is_published"]]
        if served:
            row["current_version"] = draw(st.none() | st.sampled_from(served))
            names = st.sampled_from(["production", "beta"])
            row["labels"] = draw(st.dictionaries(names, st.sampled_from(served), max_size=2))
    return draw(st.permutations(list(rows.values())))


async def bring(application_id: ObjectId, file: bytes, **options: Any) -> Report:
    return await transfer.bring_in(SYSTEM, application_id, orjson.loads(file)["prompts"], **options)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(library=libraries())
async def test_what_is_exported_and_imported_elsewhere_is_exported_the_same(
    library: list[dict[str, Any]],
) -> None:
    one, two = (await an_application()).key, (await an_application()).key
    first = await bring(one, orjson.dumps({"prompts": library}))
    assert first.count("created") == len(library), first.items
    file = await export(one)

    would = await bring(two, file, dry_run=True)
    assert await Prompt.find({"application_id": two}).count() == 0
    did = await bring(two, file)
    assert await export(two) == file

    assert would.items == did.items
    versions = await PromptVersion.count()
    again = await bring(two, file)
    assert again.count("unchanged") == len(library)
    assert all(not item.kept for item in again.items)
    assert (await PromptVersion.count(), await export(two)) == (versions, file)
    await Prompt.delete_all()
    await PromptVersion.delete_all()
