"""The browser workbench."""
