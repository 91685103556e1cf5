"""The parts of the page on which models and versions answer the same inputs side by side."""
