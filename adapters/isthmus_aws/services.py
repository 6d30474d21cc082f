"""The AWS clients that a function's linked resources share: each service's is made once, on first use, and kept."""

from __future__ import annotations

import os
from _thread import RLock

from isthmus._typing import Any
from isthmus.links import Identity

_CLIENT_OF = {"states": "stepfunctions"}
"""The service's name in an ARN to botocore's, where they differ."""


class Services:
    """botocore clients by service ("dynamodb", "sqs"), for the function of `identity`.

    Region, profile, credentials and `AWS_ENDPOINT_URL…` come from the usual AWS environment; retries are botocore's
    standard mode. botocore is imported with the first client. `region` and `endpoint` stand in for the environment's.
    """

    __slots__ = ("_clients", "_endpoint", "_known", "_lock", "_region", "_session", "identity")

    def __init__(self, identity: Identity, *, region: str = "", endpoint: str = "") -> None:
        self.identity = identity
        self._endpoint = endpoint
        self._region = region
        self._clients: dict[str, Any] = {}
        self._known: set[str] = set()
        self._session: Any = None
        self._lock = RLock()

    def client(self, service: str) -> Any:
        """Return the botocore client of a service; `ServiceError` where its environment allows for none."""
        return self._clients.get(service) or self._made(service)

    @property
    def account(self) -> str:
        """The account that the app is deployed to."""
        return self.identity.account

    @property
    def region(self) -> str:
        """The region that the app is deployed to."""
        return self._region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""

    def queue_url(self, name: str) -> str:
        """Return the URL of one of the app's queues: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html."""
        return f"{self.client('sqs').meta.endpoint_url.rstrip('/')}/{self.account}/{name}"

    def arn(self, service: str, rest: str) -> str:
        """Return the ARN of one of the app's resources."""
        meta = self.client(_CLIENT_OF.get(service, service)).meta
        return f"arn:{meta.partition}:{service}:{self.region or meta.region_name}:{self.account}:{rest}"

    def _made(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._tried(service)
            return self._clients[service]

    def _tried(self, service: str) -> Any:
        try:
            return self._make(service)
        except Exception as error:
            from isthmus_aws.clients.errors import unconnected

            ours = unconnected(error, service)
            if ours is None:
                raise
            raise ours from error

    def _make(self, service: str) -> Any:
        import gc

        collects = gc.isenabled()
        gc.disable()  # what is made here stays, a hundred thousand objects: garbage is not looked for among them
        try:
            client = self._connect(service)
            if not gc.get_freeze_count():
                gc.freeze()  # nor later, in the life of the instance
        finally:
            if collects:
                gc.enable()
        return client

    def _connect(self, service: str) -> Any:
        from importlib import import_module  # botocore has no types of its own

        # Many a function makes no client, and starts without these.
        from isthmus_aws import botocore_session
        from isthmus_aws.client_settings import is_elsewhere, quieten, settings

        if self._session is None:
            quieten()
            self._session = botocore_session.new(self._known)
        self._known.add(service)
        config_of: Any = import_module("botocore.config").Config
        where = {"region_name": self.region or None, "endpoint_url": self._endpoint or None}
        config = config_of(**settings(service))
        client = self._session.create_client(service, config=config, **where)
        if is_elsewhere(service, client.meta.endpoint_url):
            config = config_of(**settings(service, elsewhere=True))
            client = self._session.create_client(service, config=config, **where)
        return client
