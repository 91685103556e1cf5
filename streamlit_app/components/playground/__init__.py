"""The parts of the playground: its form, its conversation, its examples, code to copy."""
