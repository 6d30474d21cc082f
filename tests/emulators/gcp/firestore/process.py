"""A Firestore of one's own: a process on free ports of the loopback that ends with whoever started it.

`python -m tests.emulators.gcp.firestore` runs one by hand. In a test module or a conftest:

    from tests.emulators.gcp.firestore.process import firestore  # noqa: F401 (a fixture)

    def test_a_document(firestore: Firestore) -> None:
        name = firestore.create_database("a-project")
        firestore.client("a-project").document("letters/a").set({"n": 1})

Clients find it by `FIRESTORE_EMULATOR_HOST`. As in the cloud there is no database until one is created, and no
composite index. Each method below that is not about the process is a verb of the control door: `POST /VERB` at
`control` with the arguments as a JSON object, answered with a JSON object; 400 with `{"status", "message"}` where
the cloud would refuse.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[4]

DEFAULT = "(default)"

IndexField = tuple[str, str]
"""A field path and its mode: `ASCENDING`, `DESCENDING` or `CONTAINS`."""


class ControlError(RuntimeError):
    """What the control door refused, with the name of the gRPC status."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A change of a document, as Eventarc would tell of it."""

    id: str
    kind: str
    """`created`, `updated` or `deleted`."""
    database: str
    """`projects/P/databases/D`."""
    document: str
    """The path below `/documents/`."""
    time: int
    """When, in microseconds since 1970: the update time."""
    is_by_system: bool
    """Whether time to live did it, and no client."""
    data: bytes
    """`google.events.cloud.firestore.v1.DocumentEventData` in protobuf."""


class Firestore:
    """A running Firestore, how clients reach it, and its control door."""

    def __init__(self, process: subprocess.Popen[bytes], host: str, control: str) -> None:
        self._process = process
        self.host = host
        self.control = control

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables with which any client of Firestore reaches it."""
        return {"FIRESTORE_EMULATOR_HOST": self.host}

    def client(self, project: str, database: str = DEFAULT, *, asynchronous: bool = False) -> Any:
        """Return a client of a project's database; `environment` need not be set."""
        return client(self.host, project, database, asynchronous=asynchronous)

    def stop(self) -> None:
        """End it."""
        self._process.kill()  # it keeps nothing that a slower end would save
        self._process.wait(timeout=20)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def has_ended(self) -> bool:
        """Whether its process is gone."""
        return self._process.poll() is not None

    def create_database(self, project: str, database: str = DEFAULT, *, delete_protection: bool = False) -> str:
        """Create a database and return its name, `projects/P/databases/D`."""
        name = f"projects/{project}/databases/{database}"
        self.call("create_database", database=name, delete_protection=delete_protection)
        return name

    def update_database(self, database: str, *, delete_protection: bool) -> None:
        """Change whether a database is protected from deletion."""
        self.call("update_database", database=database, delete_protection=delete_protection)

    def delete_database(self, database: str) -> None:
        """Delete a database with all that is in it."""
        self.call("delete_database", database=database)

    def databases(self) -> list[str]:
        """Return the names of all databases."""
        found: list[str] = self.call("databases")["databases"]
        return found

    def create_index(
        self, database: str, collection: str, fields: Sequence[IndexField], *, scope: str = "COLLECTION"
    ) -> str:
        """Create a composite index of a collection (or `scope="COLLECTION_GROUP"`), ready at once; return its id."""
        index: str = self.call(
            "create_index", database=database, collection=collection, scope=scope, fields=list(fields)
        )["index"]
        return index

    def delete_index(self, database: str, index: str) -> None:
        """Delete a composite index."""
        self.call("delete_index", database=database, index=index)

    def indexes(self, database: str) -> list[Mapping[str, Any]]:
        """Return the composite indexes: `index` (the id), `collection`, `scope`, `fields`."""
        found: list[Mapping[str, Any]] = self.call("indexes", database=database)["indexes"]
        return found

    def set_field(
        self,
        database: str,
        collection: str,
        path: str,
        *,
        indexes: Iterable[tuple[str, str]] | None = None,
        ttl: bool = False,
        ttl_offset: float = 0,
    ) -> None:
        """Configure a field, or with the path `*` all fields, of a collection group.

        `indexes` are pairs of scope and mode, for example `("COLLECTION", "ASCENDING")`; none at all exempts the field,
        `None` leaves what it inherits.
        """
        single = None if indexes is None else list(indexes)
        where = {"database": database, "collection": collection, "path": path}
        self.call("set_field", **where, single=single, ttl=ttl, ttl_offset=ttl_offset)

    def delete_field(self, database: str, collection: str, path: str) -> None:
        """Forget the configuration of a field: it inherits again."""
        self.call("delete_field", database=database, collection=collection, path=path)

    def subscribe(self, database: str, subscription: str) -> None:
        """Keep each change of a database's documents from now on, until it is acknowledged."""
        self.call("subscribe", database=database, subscription=subscription)

    def unsubscribe(self, database: str, subscription: str) -> None:
        """Forget a subscription, with all that it has kept."""
        self.call("unsubscribe", database=database, subscription=subscription)

    def changes(self, database: str, subscription: str, *, most: int = 100, wait: float = 0) -> list[DocumentChange]:
        """Return the oldest changes that are not acknowledged, in order; wait up to `wait` seconds for the first."""
        answer = self.call("changes", database=database, subscription=subscription, most=most, wait=wait)
        return [_change(described) for described in answer["changes"]]

    def acknowledge(self, database: str, subscription: str, changes: Iterable[DocumentChange]) -> None:
        """Forget changes that were dealt with."""
        self.call("acknowledge", database=database, subscription=subscription, ids=[change.id for change in changes])

    def sweep(self) -> int:
        """Delete at once what its time to live says is over, and return how many documents that were."""
        return int(self.call("sweep")["deleted"])

    def contend(self, database: str, *, commits: int = 0, reads: int = 0) -> None:
        """Answer so many of the next commits, and of the next reads in transactions, with ABORTED."""
        self.call("contend", database=database, commits=commits, reads=reads)

    def clear(self, database: str) -> None:
        """Forget a database's documents; its indexes, field configurations and subscriptions stay."""
        self.call("clear", database=database)

    def reset(self) -> None:
        """Forget all databases with all that belongs to them."""
        self.call("reset")

    def call(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """Ask the control door for something; `ControlError` where it refuses."""
        connection = HTTPConnection(self.control.removeprefix("http://"), timeout=90)
        try:
            connection.request("POST", f"/{verb}", json.dumps(arguments))
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ControlError(answer["status"], answer["message"])
        return answer


def _change(described: dict[str, Any]) -> DocumentChange:
    data = base64.b64decode(described.pop("data"))
    return DocumentChange(data=data, **described)


def client(host: str, project: str, database: str = DEFAULT, *, asynchronous: bool = False) -> Any:
    """Return a client of a database in the Firestore at `host`."""
    library: Any = import_module("google.cloud.firestore")
    credentials: Any = import_module("google.auth.credentials").AnonymousCredentials()
    kind = library.AsyncClient if asynchronous else library.Client
    before = os.environ.get("FIRESTORE_EMULATOR_HOST")
    os.environ["FIRESTORE_EMULATOR_HOST"] = host  # the only way in which its client takes it
    try:
        return kind(project=project, credentials=credentials, database=database)
    finally:
        if before is None:
            del os.environ["FIRESTORE_EMULATOR_HOST"]
        else:
            os.environ["FIRESTORE_EMULATOR_HOST"] = before


def start(*options: str) -> Firestore:
    """Start a Firestore and wait until it is up; `options` are those of its command, such as `--ttl-seconds`, `1`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.emulators.gcp.firestore", "--until-stdin-closes", *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    line = process.stdout.readline().decode().split()
    if len(line) != 2:
        status = process.wait()
        Firestore(process, "", "").stop()
        raise RuntimeError(f"the Firestore emulator did not start: status {status}")
    return Firestore(process, *line)


@contextmanager
def running(*options: str) -> Generator[Firestore]:
    """Run a Firestore for the length of a `with` block."""
    server = start(*options)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def firestore() -> Generator[Firestore]:
    """One Firestore for all tests of the session that share it: each takes names of its own."""
    with running() as server:
        yield server
