"""The local provider: the whole app on a laptop, durable, with handlers in processes of their own."""

from isthmus_local.provider import provider

__all__ = ["provider"]
