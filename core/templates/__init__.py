"""Bounded, sandboxed Jinja2 templates."""
