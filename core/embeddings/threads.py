"""Own the threads of an encoder in this process: one text at a time, the impatient first."""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import numpy as np

from core.embeddings.base import Vectors

Result = TypeVar("Result")

# Work in bulk gives way to requests wherever both want a processor. Source: man 7 sched, nice.
PATIENT_NICENESS: Final = 10


class EncoderThreads:
    """Run a blocking encoder off the event loop.

    Texts are encoded one by one, so that whoever asks for a query's vector waits for one text of
    the bulk at most, and never is one text's vector changed by those beside it.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._prompt = ThreadPoolExecutor(1, "encode")
        self._patient = ThreadPoolExecutor(1, "encode-bulk", initializer=_be_patient)

    async def run_patiently(self, work: Callable[[], Result]) -> Result:
        """Run something long, such as loading the model, at low priority."""
        return await asyncio.get_running_loop().run_in_executor(self._patient, work)

    async def encode(
        self,
        encode_one: Callable[[str], Vectors],
        texts: Sequence[str],
        *,
        dimensions: int,
        is_patient: bool,
    ) -> Vectors:
        """Return a row per text."""
        loop = asyncio.get_running_loop()
        thread = self._patient if is_patient else self._prompt
        rows = np.empty((len(texts), dimensions), dtype=np.float32)
        for at, text in enumerate(texts):
            async with self._turn:
                rows[at] = await loop.run_in_executor(thread, encode_one, text)
        return rows

    def close(self) -> None:
        """Let the threads end when they have done what they are at."""
        self._prompt.shutdown(wait=False, cancel_futures=True)
        self._patient.shutdown(wait=False, cancel_futures=True)


def _be_patient() -> None:
    if sys.platform == "linux":  # elsewhere there is no niceness of a single thread
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), PATIENT_NICENESS)
