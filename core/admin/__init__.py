"""The commands of whoever runs the server: `python -m core.admin`."""
