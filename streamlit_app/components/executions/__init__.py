"""The parts of the execution log: filters, table, the detail of one execution."""
