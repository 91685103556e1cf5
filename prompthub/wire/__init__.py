"""The shapes promised to clients; the lowest layer of shapes in the whole product."""
