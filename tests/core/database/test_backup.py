import stat
import uuid
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bson import Binary, DBRef, Decimal128, Int64, MaxKey, ObjectId, Regex, Timestamp
from bson.raw_bson import DEFAULT_RAW_BSON_OPTIONS

from core.database.backup import archive, check_archive, restore, save
from core.database.connect import Database, reached
from core.database.migrations import meta_of, migrate
from core.database.secrets import load_secret, secret_path, write_private
from core.documents import Prompt, SchemaMeta
from core.errors import Conflict, Invalid, NotConfigured

EXACT: dict[str, Any] = {
    "_id": ObjectId("000000000000000000000009"),
    "money": Decimal128("1.10"),
    "long": Int64(3),
    "short": 3,
    "half": -0.0,
    "at": datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
    "vector": Binary(b"\x00\xff", 9),
    "uuid": Binary.from_uuid(uuid.UUID(int=7)),
    "z first": {"b": 1, "a": [None, True, MaxKey()]},
    "regex": Regex("^a", "i"),
    "ref": DBRef("prompts", 1),
    "stamp": Timestamp(4, 2),
    "text": "a\x00b\u2028c",
}


@pytest.fixture
async def source(mongo_uri: str, worker_id: str) -> AsyncGenerator[Database]:
    async with reached(mongo_uri, f"backup_source_{worker_id}") as database:
        await database.client.drop_database(database.name)
        await migrate(database)
        await database["prompts"].insert_one(EXACT)
        await database["fs.chunks"].insert_many(
            [{"_id": n, "data": b"x" * 900} for n in range(1200)]
        )
        await database.create_collection("drafts")
        yield database
        await database.client.drop_database(database.name)


@pytest.fixture
async def target(mongo_uri: str, worker_id: str) -> AsyncGenerator[Database]:
    async with reached(mongo_uri, f"backup_target_{worker_id}") as database:
        await database.client.drop_database(database.name)
        yield database
        await database.client.drop_database(database.name)


async def read_raw(database: Database, name: str) -> list[bytes]:
    raw: Any = database.get_collection(name, codec_options=DEFAULT_RAW_BSON_OPTIONS)
    return [document.raw async for document in raw.find({}).sort("_id", 1)]


async def test_everything_comes_back_to_the_byte_with_indexes_and_the_key(
    source: Database, target: Database, tmp_path: Path
) -> None:
    there, here, file = tmp_path / "there", tmp_path / "here", tmp_path / "all.backup"
    load_secret(there, "connection-key")

    saved = await save(source, there, file)
    restored = await restore(target, here, file, replace=False)

    assert restored == saved
    assert saved.documents == {"drafts": 0, "fs.chunks": 1200, "prompts": 1}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert await read_raw(target, "prompts") == await read_raw(source, "prompts")
    assert await read_raw(target, "fs.chunks") == await read_raw(source, "fs.chunks")
    indexes = await target[Prompt.Settings.name].index_information()
    assert "prompt_application" in indexes
    key = secret_path(here, "connection-key")
    assert key.read_text() == secret_path(there, "connection-key").read_text()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


async def test_a_full_database_is_kept_unless_told_to_replace_it(
    source: Database, target: Database, tmp_path: Path
) -> None:
    await save(source, tmp_path, tmp_path / "file")
    await target["users"].insert_one({"_id": "precious"})

    with pytest.raises(Conflict, match="not empty"):
        await restore(target, tmp_path, tmp_path / "file", replace=False)
    assert await target["users"].count_documents({}) == 1

    await restore(target, tmp_path, tmp_path / "file", replace=True)
    assert await target["users"].count_documents({}) == 0
    assert await target["prompts"].count_documents({}) == 1


async def test_another_key_is_kept_unless_told_to_replace_it(
    source: Database, target: Database, tmp_path: Path
) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    load_secret(there, "connection-key")
    mine = load_secret(here, "connection-key").get_secret_value()
    await save(source, there, tmp_path / "file")

    with pytest.raises(Conflict, match="connection-key"):
        await restore(target, here, tmp_path / "file", replace=False)

    assert load_secret(here, "connection-key").get_secret_value() == mine
    assert await target.list_collection_names() == []


@pytest.mark.parametrize("part", [0.0, 0.001, 0.5, 0.9999])
async def test_a_cut_file_is_refused_before_anything_is_changed(
    source: Database, target: Database, tmp_path: Path, part: float
) -> None:
    file = tmp_path / "file"
    await save(source, tmp_path, file)
    whole = file.read_bytes()
    write_private(file, whole[: int(len(whole) * part)])
    await target["users"].insert_one({"_id": "precious"})

    with pytest.raises(Invalid):
        await restore(target, tmp_path, file, replace=True)

    assert await target["users"].count_documents({}) == 1
    assert await target.list_collection_names() == ["users"]


async def test_a_flipped_bit_and_a_tail_are_refused(source: Database, tmp_path: Path) -> None:
    file = tmp_path / "file"
    await save(source, tmp_path, file)
    whole = file.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1

    for damaged in (bytes(flipped), whole + b"\n"):
        write_private(file, damaged)
        with pytest.raises(Invalid):
            check_archive(file)


async def test_a_backup_of_a_newer_program_is_refused(
    source: Database, target: Database, tmp_path: Path
) -> None:
    await meta_of(source).update_one({"_id": SchemaMeta.KEY}, {"$set": {"version": 99}})
    await save(source, tmp_path, tmp_path / "file")

    with pytest.raises(NotConfigured, match="newer"):
        await restore(target, tmp_path, tmp_path / "file", replace=False)

    assert await target.list_collection_names() == []


async def test_what_is_written_while_a_backup_runs_is_not_half_in_it(
    source: Database, tmp_path: Path
) -> None:
    saved = await save(source, tmp_path, tmp_path / "file")
    await source["prompts"].insert_one({"_id": "later"})

    assert check_archive(tmp_path / "file") == saved


def write_half(file: Path) -> None:
    with archive.written_whole(file) as draft:
        draft.write(b"half")
        raise RuntimeError


def test_a_failed_backup_leaves_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("the one before")

    with pytest.raises(RuntimeError):
        write_half(file)

    assert file.read_text() == "the one before"
    assert list(tmp_path.iterdir()) == [file]


def test_a_backup_into_no_folder_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(Invalid, match="cannot be written"),
        archive.written_whole(tmp_path / "no" / "file"),
    ):
        pass
