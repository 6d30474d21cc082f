"""A handler whose module imports nothing: what a start takes beside it is ours."""


def answer(request: object) -> None:
    """Answer without a body."""
