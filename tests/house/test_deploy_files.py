"""The dashboard, the scrape example and the alerts ask for what is told, and parse."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from core.metrics import Metrics
from core.metrics.exposition import Gauges, render
from prompthub.wire.literals import AnomalyMeasure

DEPLOY = Path(__file__).parents[2] / "deploy"
BOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "prompthub.json").read_text())
ALERTS: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS: list[dict[str, Any]] = [one for one in BOARD["panels"] if one["type"] != "row"]
QUERIES = [target["expr"] for panel in PANELS for target in panel["targets"]]
ASKED = [*QUERIES, *(rule["expr"] for rule in RULES)]
# What Prometheus itself adds.
ADDED = {"job", "instance", "le"}


def told() -> dict[str, set[str]]:
    """The labels of each series that a process with a little of everything tells."""
    metrics = Metrics()
    metrics.count_request("GET", "/prompts", 200, 0.1)
    metrics.count_execution("demo/echo", "success")
    metrics.count_first_text("demo/echo", 10)
    metrics.count_block("input_size")
    gauges = Gauges(
        is_database_up=True,
        is_redis_away=False,
        embedder="ready",
        running=1,
        rate_limited={"executions": 1},
        rollup_lag_seconds=0,
        anomalies=dict.fromkeys(get_args(AnomalyMeasure), (2, 1)),
    )
    series: dict[str, set[str]] = {"up": set()}
    for family in text_string_to_metric_families(render(metrics, gauges).decode()):
        for sample in family.samples:
            series.setdefault(sample.name, set()).update(sample.labels)
    return series


@pytest.mark.parametrize("query", ASKED)
def test_every_query_asks_for_what_is_told(query: str) -> None:
    series = told()
    asked = set(re.findall(r"\b(?:prompthub|process)_\w+|\bup\b", query))

    assert asked
    assert asked - series.keys() == set()
    labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", query))
    for names in re.findall(r"\bby \(([^)]*)\)", query):
        labels |= set(re.split(r",\s*", names))
    assert labels - ADDED - set().union(*(series[name] for name in asked)) == set()


def test_every_metric_of_ours_is_on_the_dashboard() -> None:
    ours = {re.sub(r"_(bucket|count|sum|created)$", "", name) for name in told()}
    shown = " ".join(QUERIES) + json.dumps(BOARD["templating"])

    missing = [name for name in sorted(ours) if name.startswith("prompthub_") and name not in shown]

    assert missing == []


def test_the_dashboard_loads_anywhere() -> None:
    assert BOARD["schemaVersion"] >= 39
    (source, *others) = BOARD["templating"]["list"]
    assert (source["name"], source["type"]) == ("datasource", "datasource")
    for asking in (*others, *PANELS, *(one for panel in PANELS for one in panel["targets"])):
        assert asking["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(set(ids)) == len(ids)
    places = [panel["gridPos"] for panel in BOARD["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells)


def test_the_scrape_example_scrapes_and_loads_the_alerts() -> None:
    example = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())

    assert example["rule_files"] == ["alerts.yml"]
    (job,) = example["scrape_configs"]
    assert (job["job_name"], job["metrics_path"]) == ("prompthub", "/metrics")


def test_every_alert_says_what_is_the_matter() -> None:
    names = [rule["alert"] for rule in RULES]

    assert len(set(names)) == len(names)
    for rule in RULES:
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert rule["annotations"]["summary"].endswith(".")
