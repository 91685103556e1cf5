"""Own the parts of the page of the audit trail: filters, table, one event, export."""
