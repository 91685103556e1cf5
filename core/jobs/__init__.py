"""Do work in the background: taken by one worker at a time, gone on with after a death."""
