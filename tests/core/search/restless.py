"""Somebody who keeps changing a library at random, in this process or in one of its own.

As a program it takes the database's URI and name, an application and a seed; it changes and follows
for a while, and when a line comes in it looks once more and prints what its index knows.
"""

import asyncio
import json
import random
import sys
from contextlib import suppress

from bson import ObjectId

from core.database.connect import connected
from core.documents import Prompt, PromptVersion
from core.embeddings.loading import Embeddings
from core.errors import PromptHubError
from core.prompts.catalogue import (
    NewPrompt,
    PromptChanges,
    create_prompt,
    deactivate_prompt,
    restore_prompt,
    update_prompt,
)
from core.prompts.labels import move_label
from core.prompts.publishing import publish_version
from core.prompts.versions import NewVersion, delete_draft, save_version, update_draft
from core.search.embedding import CatchUp
from core.search.engine import SearchEngine
from core.settings import EmbeddingSettings
from core.values.body import VersionBody
from core.values.scope import Scope
from tests.builders import a_scope
from tests.core.search.hashing_embedder import HashingEmbedder
from tests.core.search.picture import picture_of

WORDS = ("apple", "pear", "plum", "cherry", "grape", "melon", "fig", "date", "lemon", "lime")
CHANGES = 40


def an_engine() -> tuple[SearchEngine, CatchUp]:
    """An engine with an embedder that needs no model, and what embeds behind the saves."""
    embeddings = Embeddings()
    catch_up = CatchUp(embeddings, EmbeddingSettings())
    embeddings.target = HashingEmbedder()
    return SearchEngine(embeddings), catch_up


class Restless:
    """Changes prompts of one application; what collides with somebody else's change is let be."""

    def __init__(self, application_id: ObjectId, seed: int) -> None:
        self._chance = random.Random(seed)
        self._scope: Scope = a_scope("operator", application_id)
        self._application_id = application_id

    async def change(self) -> None:
        """Do one thing to one prompt."""
        with suppress(PromptHubError):
            prompts = await Prompt.find_all().to_list()
            if not prompts or self._chance.random() < 0.15:
                name = self._text(2)
                new = NewPrompt(application_id=self._application_id, name=name)
                await save_version(self._scope, await create_prompt(self._scope, new), self._new())
                return
            await self._touch(self._chance.choice(prompts))

    async def _touch(self, prompt: Prompt) -> None:
        me, chance = self._scope, self._chance
        versions = await PromptVersion.find({"prompt_id": prompt.key}).to_list()
        number = chance.choice(versions).version if versions else "1.0.0"
        match chance.randrange(9):
            case 0 | 1:
                await save_version(me, prompt, self._new())
            case 2 | 3:
                await update_draft(me, prompt, number, VersionBody(content=self._text(400)))
            case 4:
                await delete_draft(me, prompt, number)
            case 5:
                await publish_version(me, prompt, number)
            case 6:
                changes = PromptChanges(name=self._text(2), tags=(self._text(1),))
                await update_prompt(me, prompt, changes)
            case 7:
                await move_label(me, prompt, self._text(1), number, reason="")
            case _:
                switch = restore_prompt if not prompt.is_active else deactivate_prompt
                await switch(me, prompt)

    def _new(self) -> NewVersion:
        return NewVersion(body=VersionBody(content=self._text(self._chance.choice((3, 30, 600)))))

    def _text(self, words: int) -> str:
        return " ".join(self._chance.choices(WORDS, k=words))


async def work(application_id: ObjectId, seed: int, engine: SearchEngine, behind: CatchUp) -> None:
    """Change much, embedding and following meanwhile as a server does."""
    restless = Restless(application_id, seed)
    for number in range(CHANGES):
        await restless.change()
        if number % 3 == 0:
            await asyncio.gather(engine.refresh(), behind.follow())


async def main() -> None:
    """Work, wait for a line, and print the picture."""
    uri, name, application_id, seed = sys.argv[1:]
    async with connected(uri, name):
        engine, behind = an_engine()
        await work(ObjectId(application_id), int(seed), engine, behind)
        sys.stdout.write("done\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        await engine.refresh()
        sys.stdout.write(json.dumps(picture_of(engine.snapshot)) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
