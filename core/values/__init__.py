"""Frozen values that travel inside the product; no input or output happens here."""
