"""Making a version better: remarks on it, and a rewrite by a model."""
