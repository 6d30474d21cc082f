"""Google's own errors in the place of Firestore's answers: what no emulator does by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any

from isthmus_gcp.clients.table import TableClient
from isthmus_gcp.services import Services
from tests.gcp.clients.tables import Tables, services_of

Planned = Sequence[str | Callable[[], object] | None]
"""For each request in turn: the code to fail with, what to do before it, or None to let it pass."""


def fault(code: str, message: str = "said so") -> Exception:
    """Return Google's error of a gRPC code."""
    exceptions: Any = import_module("google.api_core.exceptions")
    status: Any = getattr(import_module("grpc").StatusCode, code)
    error: Exception = exceptions.from_grpc_status(status, message)
    return error


class Faulty:
    """Services whose Firestore fails as planned; `requests` are the operations that were asked for.

    `is_lost` says that what fails has been done, and only its answer is lost.
    """

    def __init__(
        self,
        operation: str,
        planned: Planned,
        *,
        message: str = "said so",
        breaks_off: bool = False,
        is_lost: bool = False,
    ) -> None:
        self.services = services_of()
        self.identity = self.services.identity
        self.project = self.services.project
        self.requests: list[str] = []
        self._operation = operation
        self._planned = list(planned)
        self._message = message
        self._breaks_off = breaks_off
        self._is_lost = is_lost

    def table(self, tables: Tables, name: str = "Items") -> TableClient:
        """Return a client of a table that meets the faults."""
        faulty: Any = self
        services: Services = faulty
        return tables.client(name, services=services)

    def firestore(self, database: str) -> Any:
        """Return what stands for the library's client."""
        self._client: Any = self.services.firestore(database)
        return self

    @property
    def _rpc_metadata(self) -> Any:
        return self._client._rpc_metadata

    @property
    def _firestore_api(self) -> Any:
        return self

    def __getattr__(self, operation: str) -> Any:
        """Return an operation of the API."""

        def ask(**parameters: Any) -> Any:
            self.requests.append(operation)
            step = self._planned.pop(0) if operation == self._operation and self._planned else None
            if isinstance(step, str) and not self._breaks_off:
                if self._is_lost:
                    getattr(self._client._firestore_api, operation)(**parameters)
                raise fault(step, self._message)
            if callable(step):
                step()
            answer = getattr(self._client._firestore_api, operation)(**parameters)
            return Broken(answer, fault(str(step), self._message)) if isinstance(step, str) else answer

        return ask


class Broken:
    """A stream of answers that fails after the first."""

    def __init__(self, answers: Any, error: Exception) -> None:
        self._answers = answers
        self._error = error

    def __iter__(self) -> Iterator[Any]:
        yield next(iter(self._answers))
        raise self._error

    def cancel(self) -> None:
        """End it."""
        self._answers.cancel()
