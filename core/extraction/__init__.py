"""Take prompts out of web pages, PDF files and pasted text, and keep where each came from."""
