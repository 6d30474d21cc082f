"""An app that is deployed already, for a test: what its users could do with it, and no more."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from isthmus.declarations.api import Api
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.testing.deployed import DeployedTestbed, Requests, sound
from isthmus_aws.api_requests import ApiRequests
from isthmus_aws.deployed_app import DeployedApp
from isthmus_aws.linked import CLIENTS
from isthmus_aws.secret_store import SecretStore


def testbed(app: Callable[[Target], App], **options: Any) -> AwsTestbed:
    """Return the deployed app: see `AwsTestbed` for the options."""
    return AwsTestbed(app, **options)


class AwsTestbed(DeployedTestbed):
    """A deployed app, seen from a test: see `isthmus.ports.Testbed`.

    `stage`, `account` and `region` are the target's; the last two come from the usual AWS environment where they are
    not given. `endpoint` stands in for AWS (`AWS_ENDPOINT_URL` does as well, but for requests to an api). `urls` maps
    an api's declared name to its address, which is looked up otherwise.
    """

    __test__ = False

    def __init__(
        self,
        app: Callable[[Target], App],
        *,
        stage: str = "test",
        account: str = "",
        region: str = "",
        endpoint: str = "",
        urls: Mapping[str, str] | None = None,
    ) -> None:
        endpoint = endpoint or os.environ.get("AWS_ENDPOINT_URL", "")
        target = Target("aws", stage, account=account, region=region)
        declared = sound(app(target))
        self._reached = DeployedApp(declared, target, endpoint=endpoint)
        self._urls = urls or {}
        super().__init__(declared, self._reached, CLIENTS)

    def requests(self, api: Api) -> Requests:
        """Return what sends requests to an HTTP API."""
        reached = self._reached
        url = self._urls.get(api.name, "")
        return ApiRequests(reached.services, reached.physical(api), url=url, endpoint=reached.endpoint)

    def keep_secret(self, name: str, value: str) -> None:
        """Set a secret in Secrets Manager."""
        reached = self._reached
        SecretStore(reached.app.name, reached.target, endpoint=reached.endpoint).set(name, value)
