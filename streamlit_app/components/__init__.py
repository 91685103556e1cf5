"""Widget groups used by more than one page."""
