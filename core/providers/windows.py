"""Own how much a model takes in at once, where that is known."""


def find_window(model: str) -> int | None:
    """Return the context window of `connection/model` in tokens, None when it is not known.

    Known are the models of connections named like their vendor; what a server of one's own
    takes in is its own affair. No network is used.
    Source: the table bundled with genai-prices.
    """
    # The table is 30,000 lines of Python: read at the first question, not at start-up.
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415

    connection, _, name = model.partition("/")
    try:
        _, found = get_snapshot().find_provider_model(name, None, connection, None)
    except LookupError:
        return None
    return found.context_window
