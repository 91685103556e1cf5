"""What client applications install: the wire format of the PromptHub REST API."""
