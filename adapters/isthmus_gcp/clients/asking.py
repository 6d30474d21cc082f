"""How the client of a linked resource asks its service: links are checked before, errors are the core's."""

from __future__ import annotations

from isthmus._typing import Any, Callable
from isthmus.links import Link
from isthmus_gcp.clients.errors import allow, core_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services


class Asking:
    """Asks Google's services on behalf of a link."""

    __slots__ = ("_services", "link")

    def __init__(self, link: Link, services: Services) -> None:
        self.link = link
        self._services = services

    @property
    def function(self) -> str:
        """The function that asks."""
        return self._services.identity.function

    def allow(self, verb: str) -> None:
        """Raise `AccessDeniedError` unless the link grants `verb`."""
        allow(self.link, verb, self.function)

    def ask(self, verb: str, call: Callable[[], Any]) -> Any:
        """Return what `call` returns, with its errors as the core's; `verb` is what the link must grant for it."""
        self.allow(verb)
        try:
            return call()
        except Exception as error:
            ours = self.translated(error, verb)
            if ours is None:
                raise
            raise ours from error

    def translated(self, error: Exception, verb: str) -> Exception | None:
        """Return the core's error for one of Google's libraries; None where it is none."""
        return core_error(error, self.link, verb, self.function)
