"""How the creators reach the cloud: a client of each service that has a part, and the door for all else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from typing import Any, TypeVar, cast

from tests.emulators.gcp.firestore.process import Firestore
from tests.emulators.gcp.metadata import NUMBER
from tests.emulators.gcp.process import Address

T = TypeVar("T")


class Session:
    """An emulated project and region; used by several threads at once."""

    def __init__(self, address: str) -> None:
        self.cloud = Address(address)
        self.project = self.cloud.project
        self.region = self.cloud.region
        self.number = NUMBER
        self._variables: Mapping[str, str] = self.cloud.variables()
        self._made: dict[str, Any] = {}
        self._lock = threading.RLock()

    @property
    def publisher(self) -> Any:
        """The client for topics."""
        return self._once("publisher", lambda: self._pubsub("publisher", "Publisher"))

    @property
    def subscriber(self) -> Any:
        """The client for subscriptions."""
        return self._once("subscriber", lambda: self._pubsub("subscriber", "Subscriber"))

    @property
    def storage(self) -> Any:
        """The client for buckets."""
        return self._once("storage", self._storage)

    @property
    def secrets(self) -> Any:
        """The client for secrets."""
        return self._once("secrets", self._secrets)

    @cached_property
    def firestore(self) -> Firestore:
        """Firestore, whose process is somebody else's."""
        variables = self._variables
        nobody = cast("Any", None)
        return Firestore(nobody, variables["FIRESTORE_EMULATOR_HOST"], variables["FIRESTORE_CONTROL"])

    def of(self, inputs: Mapping[str, Any]) -> str:
        """Return the project of a resource."""
        return str(inputs.get("project") or self.project)

    def path(self, inputs: Mapping[str, Any], *rest: str) -> str:
        """Return the full path of something in the project of a resource."""
        return "/".join(("projects", self.of(inputs), *rest))

    def granted(self, role: str, member: str, **on: str) -> bool:
        """Whether a member of an IAM policy has been deployed."""
        wanted = {"role": role, "member": member, **on}
        known = (self.cloud.get("iam", "") or {}).values()
        return any(all(one.get(name) == value for name, value in wanted.items()) for one in known)

    def _once(self, name: str, make: Callable[[], T]) -> T:
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
            made: T = self._made[name]
            return made

    def _pubsub(self, module: str, service: str) -> Any:
        services: Any = import_module(f"google.pubsub_v1.services.{module}")
        transports: Any = import_module(f"google.pubsub_v1.services.{module}.transports")
        channel: Any = import_module("grpc").insecure_channel(self._variables["PUBSUB_EMULATOR_HOST"])
        return getattr(services, f"{service}Client")(
            transport=getattr(transports, f"{service}GrpcTransport")(channel=channel)
        )

    def _storage(self) -> Any:
        anonymous: Any = import_module("google.auth.credentials").AnonymousCredentials
        options = {"api_endpoint": self._variables["STORAGE_EMULATOR_HOST"]}
        library: Any = import_module("google.cloud.storage")
        return library.Client(project=self.project, credentials=anonymous(), client_options=options)

    def _secrets(self) -> Any:
        library: Any = import_module("google.cloud.secretmanager_v1")
        transports: Any = import_module(
            "google.cloud.secretmanager_v1.services.secret_manager_service.transports"
        ).SecretManagerServiceGrpcTransport
        channel: Any = import_module("grpc").insecure_channel(self._variables["SECRET_MANAGER_EMULATOR_HOST"])
        return library.SecretManagerServiceClient(transport=transports(channel=channel))
