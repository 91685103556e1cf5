"""Finding prompts by meaning and by words."""
