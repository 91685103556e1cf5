"""Checks of what is sent to a model and of what it answers."""

from core.guardrails.base import register
from core.guardrails.input_checks import BUILT_IN

for _check in BUILT_IN:
    register(_check)
