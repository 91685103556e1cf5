"""Stored connections: providers entered by a superuser, with encrypted keys."""
