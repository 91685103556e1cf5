"""Own the figures of use: what was run, what it cost, how long it took, how it was rated."""
