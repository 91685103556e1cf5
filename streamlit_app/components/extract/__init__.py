"""The parts of the page of extraction: taking sources in, and reviewing what was found."""
