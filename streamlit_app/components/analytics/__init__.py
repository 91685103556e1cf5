"""The parts of the analytics page: what is looked at, figures, charts, table and export."""
