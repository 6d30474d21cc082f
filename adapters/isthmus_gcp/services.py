"""The Google clients that a function's linked resources share: each is made once, on first use, and kept.

An emulator's host and port is told by the usual variables (`PUBSUB_EMULATOR_HOST`, …), for each service by its own;
with it go no credentials.
"""

from __future__ import annotations

import os
from _thread import RLock

from isthmus._typing import Any, Callable, Mapping
from isthmus.links import Identity
from isthmus.parts import part
from isthmus_gcp.function_address import VARIABLE as EMULATOR
from isthmus_gcp.rest import Rest
from isthmus_gcp.tokens import Tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from urllib3 import PoolManager

PUBLISHER = "isthmus_gcp.connections.pubsub:publisher"
SUBSCRIBER = "isthmus_gcp.connections.pubsub:subscriber"
FIRESTORE = "isthmus_gcp.connections.firestore:firestore"
STORAGE = "isthmus_gcp.connections.storage:storage"
SECRETS = "isthmus_gcp.connections.secrets:secrets"
SENT = "isthmus_gcp.clients.sent:once"

NEEDED: Mapping[str, tuple[str, ...]] = {
    "table": (FIRESTORE,),
    "queue": (PUBLISHER,),
    "fifo": (PUBLISHER, FIRESTORE, SENT),
    "topic": (PUBLISHER,),
    "stream": (PUBLISHER,),
    "bucket": (STORAGE,),
    "secret": (SECRETS,),
    "workflow": (FIRESTORE, SENT),
}
"""Kind of link ("fifo" is a queue of that property) to what its client reaches by name: see `isthmus.parts`."""

CONNECTIONS = 64
"""How many connections are kept to one host: an instance serves up to so many requests at once."""

DEADLINE = 20.0
"""In how many seconds a request is answered, or given up."""

_TASKS = ("cloudtasks.googleapis.com", "CLOUD_TASKS_EMULATOR_HOST")
_EXECUTIONS = ("workflowexecutions.googleapis.com", "WORKFLOWS_EXECUTIONS_EMULATOR_HOST")
_SIGNING = ("iamcredentials.googleapis.com", "IAM_CREDENTIALS_EMULATOR_HOST")
_PUBSUB_EMULATOR = "PUBSUB_EMULATOR_HOST"


class Services:
    """Google's clients, for the function of `identity`; `project` and `region` stand in for those of the identity.

    `variables` stand in for those of the environment whose names begin with `ISTHMUS_`. `deadline` is in how many
    seconds a request is answered or given up, with all that is tried again.
    `publisher` and `subscriber` are the plain clients of Pub/Sub's API (`google.pubsub_v1`): each call is one request
    that ends when it is answered, so that nothing is left behind in a thread when a function has returned.
    Google's libraries have no types, or not all of them, so that their clients are `Any` here.
    """

    __slots__ = ("_clients", "_inherited", "_lock", "_variables", "deadline", "identity", "project", "region", "tokens")

    def __init__(
        self,
        identity: Identity,
        *,
        project: str = "",
        region: str = "",
        variables: Mapping[str, str] | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self.identity = identity
        self.deadline = deadline
        self.project = project or identity.account or os.environ.get("GOOGLE_CLOUD_PROJECT", "")
        self.region = region or identity.region
        self._inherited: list[Any] = []
        self._variables = os.environ if variables is None else variables
        self._begin()

    def leave_to_parent(self) -> None:
        """Begin anew in a forked process: two of them on one connection would read each other's answers.

        What the parent has is kept, and not used: to close it here would disturb the parent.
        """
        self._inherited.append((self._clients, self.tokens))
        self._begin()

    def publisher(self) -> Any:
        """Return the `PublisherClient`: `publish(request={"topic": …, "messages": […]})` is durable when it returns.

        It asks in the app's own region, since a key's order holds among what is published in one region.
        https://cloud.google.com/pubsub/docs/ordering#considerations_when_using_ordered_messaging
        """
        return self._part("publisher", PUBLISHER)

    def subscriber(self) -> Any:
        """Return the `SubscriberClient`, which pulls, acknowledges and seeks."""
        return self._part("subscriber", SUBSCRIBER)

    def firestore(self, database: str) -> Any:
        """Return the `google.cloud.firestore.Client` of one database."""
        return self._part(f"firestore/{database}", FIRESTORE, database)

    def storage(self) -> Any:
        """Return the `google.cloud.storage.Client`."""
        return self._part("storage", STORAGE)

    def secrets(self) -> Any:
        """Return the `SecretManagerServiceClient`."""
        return self._part("secrets", SECRETS)

    def tasks(self) -> Rest:
        """Return the REST API of Cloud Tasks."""
        rest: Rest = self._kept("tasks", lambda: self._rest(*_TASKS))
        return rest

    def executions(self) -> Rest:
        """Return the REST API of the executions of Workflows; an emulator is told who asks where that can be known."""
        rest: Rest = self._kept("executions", lambda: self._rest(*_EXECUTIONS, signed=_knows_who()))
        return rest

    def signing(self) -> Rest:
        """Return the REST API that signs for an account."""
        rest: Rest = self._kept("signing", lambda: self._rest(*_SIGNING))
        return rest

    @property
    def signs_by_emulator(self) -> bool:
        """Whether something stands in for what signs for an account."""
        return bool(os.environ.get(_SIGNING[1]))

    def http(self) -> PoolManager:
        """Return the kept connections for calls by HTTP, as many as there are threads that call."""
        pool: PoolManager = self._kept("http", _pool)
        return pool

    def id_token(self, audience: str) -> str:
        """Return a token that proves to `audience` who this function is; kept until shortly before it expires."""
        return self.tokens.id_token(audience)

    def function_token(self, address: str) -> str:
        """Return the token for a call of the function at an address; "" where an emulator is called without any.

        An emulator's calls are signed where a metadata server stands in as well, or a key's file is named.
        """
        emulated = os.environ.get(EMULATOR) and not _knows_who()
        return "" if emulated else self.id_token(address)

    def access_token(self) -> str:
        """Return a token for Google's APIs; kept until shortly before it expires."""
        return self.tokens.access_token()

    @property
    def account(self) -> str:
        """The e-mail address of the service account that the function runs as; "" where nobody has told it."""
        return self.variable("ISTHMUS_ACCOUNT")

    def variable(self, name: str) -> str:
        """Return what the deployment has told the function in a variable; "" where it has not."""
        return self._variables.get(name, "")

    def topic_path(self, name: str) -> str:
        """Return the full name of one of the app's topics."""
        return f"projects/{self.project}/topics/{name}"

    def subscription_path(self, name: str) -> str:
        """Return the full name of one of the app's subscriptions."""
        return f"projects/{self.project}/subscriptions/{name}"

    def publish_address(self, topic: str) -> str:
        """Return where one of the app's topics is published to by HTTP, in the app's own region.

        https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/publish
        """
        emulator = os.environ.get(_PUBSUB_EMULATOR)
        base = f"http://{emulator}" if emulator else f"https://{self.pubsub_host}"
        return f"{base}/v1/{self.topic_path(topic)}:publish"

    @property
    def pubsub_host(self) -> str:
        """The host of Pub/Sub that keeps a message in the app's region.

        https://cloud.google.com/pubsub/docs/reference/service_apis_overview#list_of_locational_endpoints
        """
        return f"{self.region}-pubsub.googleapis.com" if self.region else "pubsub.googleapis.com"

    def _begin(self) -> None:
        self.tokens = Tokens(self.http)
        self._clients: dict[str, Any] = {}
        self._lock = RLock()

    def _part(self, name: str, path: str, *arguments: str) -> Any:
        return self._clients.get(name) or self._kept(name, lambda: part(path)(self, *arguments))

    def _kept(self, name: str, make: Callable[[], Any]) -> Any:
        return self._clients.get(name) or self._made(name, make)

    def _made(self, name: str, make: Callable[[], Any]) -> Any:
        with self._lock:
            if name not in self._clients:
                self._clients[name] = _tried(name, make)
            return self._clients[name]

    def _rest(self, host: str, variable: str, *, signed: bool = False) -> Rest:
        emulator = os.environ.get(variable)
        if emulator:
            token = self.access_token if signed else None
            return Rest(f"http://{emulator}", self.http(), token=token, deadline=self.deadline)
        return Rest(f"https://{host}", self.http(), token=self.access_token, deadline=self.deadline)


def _knows_who() -> bool:
    """Whether a metadata server stands in, or a key's file is named: then tokens are to be had."""
    return bool(os.environ.get("GCE_METADATA_HOST") or os.environ.get("GOOGLE_APPLICATION_CREDENTIALS"))


def _tried(name: str, make: Callable[[], Any]) -> Any:
    try:
        return make()
    except Exception as error:
        from isthmus_gcp.clients.errors import unconnected

        ours = unconnected(error, name)
        if ours is None:
            raise
        raise ours from error


def _pool() -> PoolManager:
    from urllib3 import PoolManager

    return PoolManager(maxsize=CONNECTIONS, retries=False)
