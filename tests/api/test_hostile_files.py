"""While hostile files are read, the server answers others and takes no more memory."""

import asyncio
from typing import Any

from tests.api.people import Visitor, a_desk
from tests.core.extraction.test_reading import HOSTILE, highest_mib

HEAVY = ("a flate bomb", "deep arrays")


async def test_others_are_answered_while_hostile_files_are_read(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    form = {"data": {"application_id": desk.application_id}}

    async def send(data: bytes) -> Any:
        files = {"file": ("x.pdf", data, "application/pdf")}
        return await desk.owner.ask("POST", "/extract/pdf", files=files, **form)

    (await desk.owner.get("/prompts")).raise_for_status()
    before = highest_mib()
    sent = [send(HOSTILE[name]) for name in HEAVY]
    uploads = asyncio.gather(*sent)
    answered = 0
    while not uploads.done():
        assert (await desk.owner.get("/prompts")).status_code == 200
        answered += 1

    refused = await uploads
    assert {one.status_code for one in refused} == {422}
    assert {one.json()["code"] for one in refused} == {"source_unreadable"}
    assert answered > 5
    assert highest_mib() - before < 32
