"""Run every attack in this process, under a limit of memory, and print what came of each.

A second thread renders a small template all the while; its longest wait is printed last.
"""

import json
import resource
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.errors import Invalid
from core.templates.render import render
from tests.core.templates.attacks import ATTACKS, Attack

MEMORY_BYTES = 512 * 1024 * 1024


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    stop_watching = watch_a_neighbour()
    for number, attack in enumerate(ATTACKS):
        report({"number": number, **run(attack)})
    peak_kib = peak_of_this_program_kib()
    report({"number": -1, "peak_mib": peak_kib // 1024, "wait": stop_watching()})


def peak_of_this_program_kib() -> int:
    """The peak since this program began; `ru_maxrss` would count the process it was forked from."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def report(result: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()


def run(attack: Attack) -> dict[str, object]:
    # The time of the processor, for other tests run on the same cores.
    started = time.thread_time()
    try:
        output = render(attack.source, attack.values, field="content")
        outcome, text = "rendered", output
    except Invalid as error:
        outcome, text = "refused", f"{error.message} {error.remedy} {error.field}"
    seconds = time.thread_time() - started
    return {"outcome": outcome, "seconds": seconds, "size": len(text), "text": text[:2000]}


def watch_a_neighbour() -> Callable[[], float]:
    waits = [0.0]
    is_over = threading.Event()

    def render_again_and_again() -> None:
        started = time.perf_counter()
        while not is_over.wait(0.002):
            assert render("Hello {{ name }}", {"name": "you"}, field="content") == "Hello you"
            now = time.perf_counter()
            waits[0] = max(waits[0], now - started)
            started = now

    thread = threading.Thread(target=render_again_and_again)
    thread.start()

    def stop() -> float:
        is_over.set()
        thread.join()
        return waits[0]

    return stop


if __name__ == "__main__":
    main()
