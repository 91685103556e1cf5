"""What client applications install: the wire format of the PromptHub REST API."""

__version__ = "0.1.0"
