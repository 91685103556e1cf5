"""What the process counts about itself: requests, executions, tokens, cost; told to Prometheus."""

from core.metrics.counts import Metrics

__all__ = ["Metrics"]
