"""Texts as vectors: one protocol, a shipped model and its alternatives, loaded in background."""
