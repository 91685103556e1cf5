"""A process that uses the database of a data folder until its standard input closes."""

import asyncio
import sys
from pathlib import Path

from core.database.open import opened
from core.settings import MongoSettings


async def visit(data_dir: Path, name: str) -> None:
    async with opened(MongoSettings(), data_dir) as database:
        await database["visits"].insert_one({"name": name})
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


asyncio.run(visit(Path(sys.argv[1]), sys.argv[2]))
