"""Measure search through REST: `python -m benchmarks.search` (ten minutes, most of it encoding).

A server is started on a folder of its own, the corpus is brought in, and the published queries are
asked: by words alone, with the shipped model, and with 100,000 vectors.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx2

from benchmarks.figures import show
from benchmarks.search.corpus_files import CORPUS, read_pairs
from benchmarks.search.measures import DEPTH, SETS, judge, mean_of, read_queries
from benchmarks.search.scale import multiply
from benchmarks.server import running
from benchmarks.startup import processes, resident_mb

ACCOUNT: Final = {"email": "bench@example.org", "password": "correct horse battery"}
ROUNDS: Final = 3
POLL_SECONDS: Final = 0.5
WARM_SECONDS: Final = 900.0
KIND: Final = "PROMPTHUB_EMBEDDINGS__KIND"


def main() -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        with asked(data_dir, "off") as api:
            subprocess.run(
                [
                    *(sys.executable, "-m", "core.admin", "import-prompts"),
                    *(str(CORPUS / "prompts.jsonl"), "--application", "default"),
                ],
                env={**os.environ, "PROMPTHUB_DATA_DIR": str(data_dir), KIND: "off"},
                check=True,
                stdout=subprocess.DEVNULL,
            )
            print("## By words alone")
            measure(api)
        with asked(data_dir, "onnx") as api:
            print(f"\n## With the shipped model; all encoded after {wait_until_warm(api):.0f} s")
            measure(api)
            measure_pairs(api)
        print(f"\n## With {asyncio.run(multiply(data_dir)):,} vectors")
        with asked(data_dir, "onnx") as api:
            print(f"index complete {wait_until_warm(api):.1f} s after the server was ready")
            time_queries(api)


@contextmanager
def asked(data_dir: Path, kind: str) -> Generator[httpx2.Client]:
    """Start a server with this kind of embedder and sign in; print its memory at the end."""
    os.environ[KIND] = kind
    with running(data_dir) as server, httpx2.Client(base_url=f"{server.url}/api/v1") as api:
        api.post("/auth/register", json=ACCOUNT)
        answer = api.post("/auth/login", json=ACCOUNT).raise_for_status()
        api.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        api.timeout = 60
        yield api
        sizes = [f"{name} {resident_mb(pid):.0f} MB" for name, pid in processes(server)]
        print(f"memory: {', '.join(sizes)}")


def wait_until_warm(api: httpx2.Client) -> float:
    """Return the seconds until search goes by meaning and all is encoded."""
    started = time.perf_counter()
    while time.perf_counter() - started < WARM_SECONDS:
        found = search(api, "warm")
        if found["mode"] == "hybrid" and not found["notice"]:
            return time.perf_counter() - started
        time.sleep(POLL_SECONDS)
    raise RuntimeError("The embedder did not become ready.")


def search(api: httpx2.Client, text: str) -> dict[str, Any]:
    """Ask once, waiting where the limit of requests asks to."""
    while True:
        answer = api.post("/prompts/semantic-search", json={"query": text, "limit": DEPTH})
        if answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            return answer.raise_for_status().json()
        time.sleep(float(answer.headers["Retry-After"]))


def measure(api: httpx2.Client) -> None:
    """Print the quality of each set of queries, then the times."""
    for name in SETS:
        judged = [
            judge([hit["prompt_id"] for hit in search(api, query.text)["items"]], query.relevant)
            for query in read_queries(name)
        ]
        mean = mean_of(judged)
        print(
            f"{name:<9} nDCG@10 {mean.ndcg:.3f}   recall@5 {mean.recall:.3f}   "
            f"MRR@10 {mean.mrr:.3f}   queries {len(judged)}"
        )
    time_queries(api)


def time_queries(api: httpx2.Client) -> None:
    """Print how long a search takes, over HTTP, the query's encoding included."""
    texts = [query.text for name in SETS for query in read_queries(name)]
    taken: list[float] = []
    for text in texts * ROUNDS:
        started = time.perf_counter()
        search(api, text)
        taken.append((time.perf_counter() - started) * 1000)
    show("search over REST, one after another", taken)


def measure_pairs(api: httpx2.Client) -> None:
    """Print how the duplicates view tells the published pairs apart."""
    started = time.perf_counter()
    clusters = api.get("/prompts/duplicates").raise_for_status().json()["items"]
    took = time.perf_counter() - started
    same = [
        {member["prompt_id"] for member in cluster["members"]}
        for cluster in clusters
        if cluster["kind"] == "same"
    ]
    pairs = read_pairs()
    wanted = [pair for pair in pairs if pair.cosine >= 0.95 and pair.overlap >= 0.5]  # noqa: PLR2004 - the rule of the set
    found = sum(any({pair.one, pair.other} <= group for group in same) for pair in wanted)
    others = [pair for pair in pairs if pair.overlap < 0.3]  # noqa: PLR2004 - other purposes
    wrong = sum(any({pair.one, pair.other} <= group for group in same) for pair in others)
    print(
        f"duplicates in {took:.2f} s: {len(clusters)} clusters; {found} of {len(wanted)} pairs "
        f"that are the same, {wrong} of {len(others)} that are not"
    )


if __name__ == "__main__":
    main()
