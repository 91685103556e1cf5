"""The parts of the prompt editor: the text being edited, its panes, and saving it."""
