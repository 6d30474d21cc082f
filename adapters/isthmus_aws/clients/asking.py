"""How the client of a linked resource asks its service: links are checked before, errors are the core's."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.links import Link
from isthmus_aws.clients.errors import allow, core_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_aws.services import Services


class Asking:
    """Asks one service ("dynamodb") on behalf of a link."""

    __slots__ = ("_service", "_services", "link")

    def __init__(self, link: Link, services: Services, service: str) -> None:
        self.link = link
        self._services = services
        self._service = service

    @property
    def function(self) -> str:
        """The function that asks."""
        return self._services.identity.function

    def allow(self, verb: str) -> None:
        """Raise `AccessDeniedError` unless the link grants `verb`."""
        allow(self.link, verb, self.function)

    def ask(self, verb: str, operation: str, /, **parameters: Any) -> Any:
        """Return what `operation` ("get_item") answers; `verb` is what the link must grant for it."""
        self.allow(verb)
        try:
            return getattr(self._services.client(self._service), operation)(**parameters)
        except Exception as error:
            self._translate(error, verb)
            raise

    def read(self, body: Any, verb: str) -> bytes:
        """Return the bytes of an answer's body, which may break off."""
        try:
            data: bytes = body.read()
        except Exception as error:
            self._translate(error, verb)
            raise
        return data

    def _translate(self, error: Exception, verb: str) -> None:
        """Raise the core's error for one of botocore's; nothing happens where it is none."""
        ours = core_error(error, self.link, verb, self.function)
        if ours is not None:
            raise ours from error
