"""Running a prompt, and the record of every run."""
