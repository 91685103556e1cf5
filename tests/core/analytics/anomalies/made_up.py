"""Made-up hours of many series: how many runs, and figures per run with known behaviour."""

import math
from dataclasses import dataclass

import numpy as np

from core.analytics.anomalies.robust import DAY, WEEK, Floats


@dataclass(frozen=True)
class Make:
    """How series behave: runs in an hour, seasons, how single runs and hours spread."""

    runs: float = 60
    season: float = 0.0
    level_season: float = 0.0
    run_spread: float = 0.7
    hour_spread: float = 0.05
    memory: float = 0.0
    long_share: float = 0.0


KINDS = {
    "steady": Make(),
    "few runs": Make(runs=3),
    "many runs": Make(runs=2000),
    "spread out": Make(runs=20, run_spread=1.2),
    "seasonal": Make(season=1.5, level_season=0.3),
    "seasonal with few runs": Make(runs=6, season=1.5, level_season=0.3),
    "wandering": Make(runs=200, hour_spread=0.1, memory=0.7),
    "seasonal and wandering": Make(season=1.0, level_season=0.4, hour_spread=0.08, memory=0.5),
    "two kinds of inputs": Make(runs=25, run_spread=0.3, long_share=0.05),
}


def runs_of(make: Make, chance: np.random.Generator, rows: int, hours: int) -> Floats:
    """Return how many runs there were in each hour: more by day, and fewer at week-ends."""
    rates = make.runs * np.exp(make.season * _season(hours) - make.season**2 / 4)
    return chance.poisson(rates, (rows, hours)).astype(np.float64)


def _season(hours: int) -> Floats:
    hour = np.arange(hours)
    weekend = (hour % WEEK) >= 5 * DAY
    return (np.sin(2 * np.pi * hour / DAY) - 0.8 * weekend).astype(np.float64)


def levels_of(make: Make, chance: np.random.Generator, runs: Floats) -> Floats:
    """Return the logarithm of the mean of each hour's runs; NaN where there were none.

    Sums of runs are drawn as what they come to: a log-normal of the sum's mean and variance
    (Fenton, 1960), plus a share of long inputs.
    """
    rows, hours = runs.shape
    drift = np.zeros((rows, hours))
    noise = chance.normal(0, make.hour_spread, (rows, hours))
    last = np.zeros(rows)
    for hour in range(hours):
        last = make.memory * last + noise[:, hour] * np.sqrt(1 - make.memory**2)
        drift[:, hour] = last
    counted = np.maximum(runs, 1)
    of_run = math.expm1(make.run_spread**2)
    spread = np.sqrt(np.log1p(of_run / counted))
    means = np.exp(chance.normal(-(spread**2) / 2, spread))
    if make.long_share:
        means *= 1 + 9 * chance.binomial(counted.astype(np.int64), make.long_share) / counted
    level = make.level_season * _season(hours) + drift + np.log(500 * means)
    return np.where(runs > 0, level, np.nan)


@dataclass(frozen=True)
class MakeRate:
    """How often something happens: in which share of runs, by hour, in bursts, in which season."""

    share: float = 0.02
    runs: float = 60
    season: float = 0.0
    share_season: float = 0.0
    bursts: float = 0.0
    memory: float = 0.0


RATES = {
    "rare": MakeRate(share=0.002),
    "never": MakeRate(share=0.0, runs=200),
    "steady": MakeRate(),
    "few runs": MakeRate(runs=2, share=0.05),
    "frequent": MakeRate(share=0.3, runs=30),
    "seasonal": MakeRate(season=1.5, share_season=0.7),
    "many seasonal runs": MakeRate(runs=1000, season=1.0, share_season=0.5),
    "in bursts": MakeRate(runs=200, bursts=0.5),
    "in long bursts": MakeRate(runs=200, bursts=0.4, memory=0.7),
}


def events_of(make: MakeRate, chance: np.random.Generator, runs: Floats) -> Floats:
    """Return in how many runs of each hour it happened; bursts are log-normal."""
    odds = np.zeros(runs.shape)
    noise = chance.normal(0, 1, runs.shape)
    last = noise[:, 0]
    for hour in range(runs.shape[1]):
        last = make.memory * last + noise[:, hour] * np.sqrt(1 - make.memory**2)
        odds[:, hour] = last
    season = make.share_season * _season(runs.shape[1])
    shares = make.share * np.exp(make.bursts * odds + season)
    return chance.binomial(runs.astype(np.int64), np.minimum(shares, 0.9)).astype(np.float64)


def rate_runs_of(make: MakeRate, chance: np.random.Generator, rows: int, hours: int) -> Floats:
    """Return how many runs there were in each hour."""
    return runs_of(Make(runs=make.runs, season=make.season), chance, rows, hours)
