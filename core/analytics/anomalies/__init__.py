"""Own what is unusual: tokens, cost, latency, errors and blocks of a version on a model."""
