"""Numbered migrations of stored data."""
