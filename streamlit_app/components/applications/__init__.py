"""Own the parts of the page of applications: list, detail by tabs, keys, people, limits."""
