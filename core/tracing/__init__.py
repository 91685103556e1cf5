"""Traces and model metrics as OpenTelemetry, where an address for them is set."""
