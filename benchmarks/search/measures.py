"""Own the measures of ranking: nDCG@10, recall@5 and MRR@10, averaged over a set of queries."""

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson

from benchmarks.search.corpus_files import CORPUS

DEPTH: Final = 10
SETS: Final = ("dev", "names", "keywords")


class Quality(NamedTuple):
    """Means over queries, each from 0 to 1."""

    ndcg: float
    recall: float
    mrr: float


class Query(NamedTuple):
    """What is asked, and the ids that are right."""

    text: str
    relevant: frozenset[str]


def read_queries(name: str) -> list[Query]:
    """Return one of the published `SETS`."""
    lines = (CORPUS / f"search_queries_{name}.jsonl").read_bytes().splitlines()
    rows: list[dict[str, Any]] = [orjson.loads(line) for line in lines]
    return [Query(row["query"], frozenset(row["relevant"])) for row in rows]


def judge(ranked: Sequence[str], relevant: frozenset[str]) -> Quality:
    """Return how good one list of ids is."""
    top = list(dict.fromkeys(ranked))[:DEPTH]
    gain = sum(1 / math.log2(at + 2) for at, key in enumerate(top) if key in relevant)
    ideal = sum(1 / math.log2(at + 2) for at in range(min(len(relevant), DEPTH)))
    first = next((at for at, key in enumerate(top, start=1) if key in relevant), None)
    recall = len(relevant & set(top[:5])) / len(relevant)
    return Quality(gain / ideal, recall, 1 / first if first else 0.0)


def mean_of(qualities: Sequence[Quality]) -> Quality:
    """Return the means."""
    return Quality(*(sum(column) / len(qualities) for column in zip(*qualities, strict=True)))
