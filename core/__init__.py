"""The product itself, without any user interface."""
