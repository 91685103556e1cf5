"""The parts of the page of connections: adding, trying, editing, and their words."""
