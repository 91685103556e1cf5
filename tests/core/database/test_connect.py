import gc

import pytest
from bson import Decimal128

from core.database.connect import Database, connected
from core.documents import Prompt
from core.errors import NotConfigured, Unavailable


@pytest.mark.parametrize("options", ["w=1&journal=false", "w=0"])
async def test_no_uri_can_weaken_the_write_concern(mongo_uri: str, options: str) -> None:
    uri = f"{mongo_uri}&{options}"

    async with connected(uri, "prompthub_test_weak") as database:
        concern = Prompt.get_pymongo_collection().write_concern  # pyright: ignore[reportUnknownMemberType] - Beanie leaves its type open

        assert concern.document == {"w": "majority", "j": True}
        assert database.client.write_concern.document == {"w": "majority", "j": True}
        await database.client.drop_database("prompthub_test_weak")


async def test_times_and_money_come_back_as_they_went(database: Database) -> None:
    await database["exact"].insert_one({"_id": 1, "money": Decimal128("0.10")})

    stored = await database["exact"].find_one({"_id": 1})

    assert stored == {"_id": 1, "money": Decimal128("0.10")}
    await database.drop_collection("exact")


# PyMongo 4.20 leaves a socket open when its monitor is cancelled while it connects again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_server_that_is_away_is_unavailable_and_its_password_stays_secret() -> None:
    uri = "mongodb://me:hush-hush@127.0.0.1:9/?directConnection=true"

    with pytest.raises(Unavailable) as caught:
        async with connected(uri, "x"):
            pass

    gc.collect()
    assert "hush-hush" not in caught.value.message + caught.value.remedy


@pytest.mark.parametrize("uri", ["", "postgres://here", "mongodb://a:b@c:d/", "mongodb://p@ss:w@h"])
async def test_a_uri_that_cannot_be_read_names_its_setting(uri: str) -> None:
    with pytest.raises(NotConfigured) as caught:
        async with connected(uri, "x"):
            pass

    assert caught.value.setting == "PROMPTHUB_MONGO__URI"
