"""What our pipeline adds to a bare call of the SDK: plain, streamed, with guardrails.

Run it with `python -m benchmarks.providers`; PROMPTHUB_MONGO__URI chooses the server, otherwise
the embedded one of a temporary data folder is started. The provider is a fake one on loopback
that answers at once, so that the difference is ours alone.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anthropic
import openai
from bson import ObjectId

from benchmarks.figures import repeat, show
from core.database.open import opened
from core.execution.run import Engine, run
from core.execution.stream import stream
from core.net import guarded_client
from core.prompts.publishing import publish_version
from core.prompts.versions import NewVersion, save_version
from core.providers.registry import Registry
from core.settings import (
    AnthropicSettings,
    ExecutionSettings,
    MongoSettings,
    OpenAISettings,
    ProviderSettings,
    Settings,
)
from core.values.guardrail_policy import GuardrailPolicy
from core.values.scope import SYSTEM
from tests.fake_provider import FakeProvider, running
from tests.places import Place, a_place

REPETITIONS = 300
WARM_UP = 20
GUARDRAILS = GuardrailPolicy.model_validate(
    {
        "pre_validation": {
            "enabled": True,
            "validators": ["size:8000", "prompt_injection", "secrets", "personal_data"],
        },
        "post_validation": {
            "enabled": True,
            "prohibited_terms": ["guaranteed returns", r"regex:(?i)\bact\s+now\b"],
            "required_elements": ["Paris"],
        },
    }
)
QUESTION: Any = [{"role": "user", "content": "Say hello to Ada."}]

Action = Callable[[int], Awaitable[None]]


async def main() -> None:
    """Print every figure."""
    mongo = Settings().mongo.model_copy(update={"database": f"prompthub_bench_{ObjectId()}"})
    with tempfile.TemporaryDirectory() as folder, running() as fake:
        await measure(mongo, Path(folder), fake)


async def measure(mongo: MongoSettings, data_dir: Path, fake: FakeProvider) -> None:
    """Measure in a fresh database and drop it."""
    async with opened(mongo, data_dir) as database:
        try:
            await measure_openai(fake)
            await measure_anthropic(fake)
            await measure_ours(fake, await a_place())
        finally:
            await database.client.drop_database(database.name)


async def measure_openai(fake: FakeProvider) -> None:
    """The bare SDK of OpenAI."""
    client = openai.AsyncOpenAI(
        api_key="x", base_url=fake.url, max_retries=0, http_client=guarded_client()
    )

    async def plain(_: int) -> None:
        await client.chat.completions.create(model="m", messages=QUESTION)

    async def streamed(_: int) -> None:
        async for _event in await client.chat.completions.create(
            model="m", messages=QUESTION, stream=True
        ):
            pass

    await compare("openai SDK alone", plain, streamed)
    await client.close()


async def measure_anthropic(fake: FakeProvider) -> None:
    """The bare SDK of Anthropic."""
    url = fake.url.removesuffix("/v1")
    client = anthropic.AsyncAnthropic(
        api_key="x", base_url=url, max_retries=0, http_client=guarded_client()
    )

    async def plain(_: int) -> None:
        await client.messages.create(model="m", messages=QUESTION, max_tokens=9)

    async def streamed(_: int) -> None:
        async for _event in await client.messages.create(
            model="m", messages=QUESTION, max_tokens=9, stream=True
        ):
            pass

    await compare("anthropic SDK alone", plain, streamed)
    await client.close()


async def measure_ours(fake: FakeProvider, place: Place) -> None:
    """The pipeline: resolve, render, call, check, price, and the row written and closed."""
    settings = ProviderSettings(
        openai=OpenAISettings(base_url=fake.url),
        anthropic=AnthropicSettings(base_url=fake.url.removesuffix("/v1")),
    )
    registry = Registry.from_settings(settings, {})
    engine = Engine(registry, settings, ExecutionSettings(per_minute=1_000_000))
    unguarded, guarded = place.version.version, await publish_guarded(place)
    for connection, version, with_what in (
        ("openai", unguarded, ""),
        ("openai", guarded, ", with guardrails"),
        ("anthropic", unguarded, ""),
        ("anthropic", guarded, ", with guardrails"),
    ):
        request = place.request(model=f"{connection}/m", version=version)

        async def plain(_: int, request: Any = request) -> None:
            await run(place.scope, request, engine=engine)

        async def streamed(_: int, request: Any = request) -> None:
            async with aclosing(stream(place.scope, request, engine=engine)) as items:
                async for _item in items:
                    pass

        await compare(f"our pipeline, {connection}{with_what}", plain, streamed)
    await registry.close()


async def publish_guarded(place: Place) -> str:
    """Publish the same with four checks of the input and two of the answer; return its number."""
    body = place.version.body.model_copy(update={"guardrail_config": GUARDRAILS})
    saved = await save_version(SYSTEM, place.prompt, NewVersion(body=body))
    await publish_version(SYSTEM, place.prompt, saved.version.version)
    return saved.version.version


async def compare(what: str, plain: Action, streamed: Action) -> None:
    """Measure both ways to call, warmed up."""
    for way, action in (("plain", plain), ("stream", streamed)):
        await repeat(WARM_UP, action)
        show(f"{what}, {way}", await repeat(REPETITIONS, action))


if __name__ == "__main__":
    asyncio.run(main())
