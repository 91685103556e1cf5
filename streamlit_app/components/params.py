"""Own what the parameters of generation mean to people, and which values their controls offer."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple


class Param(NamedTuple):
    """One parameter: its control, where the control starts, and what it does in words."""

    title: str
    control: Literal["slider", "number", "words"]
    start: Any
    help: str
    low: float = 0
    high: float = 1
    step: float = 0.05


# Bounds are those of `ModelParams`.
PARAMS: Mapping[str, Param] = MappingProxyType(
    {
        "temperature": Param(
            "Temperature",
            "slider",
            0.7,
            "0 answers nearly the same way each time; higher varies more.",
            high=2,
        ),
        "max_tokens": Param(
            "Longest answer, tokens",
            "number",
            1000,
            "The answer is cut off here. A token is about four characters of English.",
            low=1,
            high=1_000_000,
            step=100,
        ),
        "top_p": Param(
            "Top p",
            "slider",
            1.0,
            "Only the likeliest words that make up this share are considered. "
            "Change this or the temperature, not both.",
        ),
        "frequency_penalty": Param(
            "Frequency penalty",
            "slider",
            0.0,
            "Above 0 words repeat less the more often they occurred; below 0 more.",
            low=-2,
            high=2,
            step=0.1,
        ),
        "presence_penalty": Param(
            "Presence penalty",
            "slider",
            0.0,
            "Above 0 the answer moves on to new subjects sooner.",
            low=-2,
            high=2,
            step=0.1,
        ),
        "stop": Param(
            "Stop at",
            "words",
            [],
            "The answer ends before any of these texts; four at most.",
        ),
        "seed": Param(
            "Seed",
            "number",
            1,
            "The same seed and input give the same answer, as far as the model can.",
            low=0,
            high=2**53,
            step=1,
        ),
    }
)
