"""How the creators reach the emulator: a client of each service, and the account's ARNs."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from tests.emulators.aws.constraints import check
from tests.emulators.aws.ministack import ACCOUNT, REGION, client


class Session:
    """An emulated account and region; used by several threads at once. `runtime` is the folder of `runtime.py`."""

    def __init__(self, endpoint: str, runtime: Path) -> None:
        self.endpoint = endpoint
        self.account = ACCOUNT
        self.region = REGION
        self.runtime = runtime
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def client(self, service: str) -> Any:
        """Return the client of a service, made once; what AWS's models forbid it refuses."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = client(service, self.endpoint)
                self._clients[service].meta.events.register("provide-client-params.*", check)
            return self._clients[service]

    def arn(self, service: str, rest: str) -> str:
        """Return an ARN of the account in the region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"
