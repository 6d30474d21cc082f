"""The parts together: each a server in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from http.client import HTTPConnection
from types import TracebackType
from typing import Self
from urllib.parse import quote

from tests.emulators.gcp.firestore import process
from tests.emulators.gcp.parts.pubsub import PubSub
from tests.emulators.gcp.parts.secrets import Secrets
from tests.emulators.gcp.parts.storage import Storage


class Parts:
    """Pub/Sub, Cloud Storage, Secret Manager and Firestore, all of them empty at first."""

    def __init__(self, signer: str) -> None:
        """Start them; `signer` is the public key, in PEM, that all accounts sign addresses of objects with."""
        with ExitStack() as ending:
            self.pubsub = ending.enter_context(PubSub())
            self.storage = ending.enter_context(Storage(pubsub=self.pubsub.endpoint, signers={"*": signer}))
            self.secrets = ending.enter_context(Secrets())
            self.firestore = ending.enter_context(process.running())
            self._ending = ending.pop_all()

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables with which Google's libraries reach them."""
        own = {**self.pubsub.variables, **self.storage.variables, **self.secrets.variables}
        return {**own, **self.firestore.environment}

    async def download(self, bucket: str, name: str) -> bytes:
        """Return an object of a bucket."""
        return await asyncio.to_thread(self._read, bucket, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.close()

    def _read(self, bucket: str, name: str) -> bytes:
        connection = HTTPConnection(self.storage.address, timeout=60)
        try:
            connection.request("GET", f"/storage/v1/b/{quote(bucket)}/o/{quote(name, safe='')}?alt=media")
            response = connection.getresponse()
            data = response.read()
        finally:
            connection.close()
        if response.status != 200:
            raise FileNotFoundError(f"gs://{bucket}/{name}: {response.status}")
        return data
