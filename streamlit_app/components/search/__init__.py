"""What pages show of search: its keys, its state, near-duplicates."""
