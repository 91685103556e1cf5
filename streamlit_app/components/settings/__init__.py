"""Own the parts of the page of settings: effective values, and the state of what they set."""
