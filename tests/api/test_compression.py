"""Answers are compressed for who asks for it, under a tag of their own."""

import gzip

from tests.api.people import Visitor, a_desk

TAKES = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}


async def test_long_answers_are_compressed_when_asked(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    saved = await desk.save("Tell me about {{ name }}. " * 100)
    path = f"{desk.versions}/{saved.json()['version']}"

    packed = await desk.owner.get(path, headers=TAKES)
    plain = await desk.owner.get(path, headers=PLAIN)
    refused = await desk.owner.get(path, headers={"Accept-Encoding": "br, gzip;q=0"})

    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.json() == plain.json() == refused.json()
    assert "content-encoding" not in plain.headers | refused.headers
    for one in (packed, plain):
        assert "Accept-Encoding" in one.headers["vary"]


async def test_a_compressed_answer_has_its_own_tag_which_works_like_the_other(
    visitor: Visitor,
) -> None:
    desk = await a_desk(visitor)
    saved = await desk.save("Tell me about {{ name }}. " * 100)
    path = f"{desk.versions}/{saved.json()['version']}"
    packed = (await desk.owner.get(path, headers=TAKES)).headers["etag"]
    plain = (await desk.owner.get(path, headers=PLAIN)).headers["etag"]

    unchanged = [
        await desk.owner.get(path, headers=TAKES | {"If-None-Match": tag})
        for tag in (packed, plain, f'"x", W/{packed}')
    ]
    changed = await desk.owner.put(path, {"content": "New."}, headers={"If-Match": packed})
    stale = await desk.owner.put(path, {"content": "Newer."}, headers={"If-Match": packed})

    assert packed == plain[:-1] + '-gzip"'
    assert [one.status_code for one in unchanged] == [304, 304, 304]
    assert [one.headers["etag"] for one in unchanged] == [packed, plain, packed]
    assert (changed.status_code, stale.status_code) == (200, 412)


async def test_applications_get_versions_compressed_too(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    saved = await desk.save("Tell me about {{ name }}. " * 100)
    (await desk.publish(saved.json()["version"])).raise_for_status()

    for _ in range(2):
        packed = await desk.application.get(f"{desk.versions}/latest", headers=TAKES)
        plain = await desk.application.get(f"{desk.versions}/latest", headers=PLAIN)

        assert packed.headers["content-encoding"] == "gzip"
        assert packed.json() == plain.json()
        assert "content-encoding" not in plain.headers


async def test_short_answers_and_streams_are_sent_as_they_are(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    body = {"variables": {"name": "Bo " * 1000}, "stream": True}

    short = await visitor.get("/health", headers=TAKES)
    stream = await desk.application.post("/execute/greeting/latest", body, headers=TAKES)

    assert "content-encoding" not in short.headers | stream.headers
    assert "event: done" in stream.text


async def test_very_long_answers_are_whole(visitor: Visitor) -> None:
    packed = await visitor.client.get("/api/openapi.json", headers=TAKES)
    plain = await visitor.client.get("/api/openapi.json", headers=PLAIN)

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert len(gzip.compress(plain.content)) < len(plain.content)
