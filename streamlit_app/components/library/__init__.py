"""The parts of the library page: filters, rows, table, bulk actions and dialogs."""
