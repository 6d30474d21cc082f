"""An app deployed for a test: planned, bundled, and made in a ministack of its own by the program that deploys it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from isthmus import deployment
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus_aws.testbed import AwsTestbed
from tests.emulators.aws.deploy import deploy
from tests.emulators.aws.ministack import Ministack, running
from tests.emulators.environment import environment
from tests.emulators.realiser.mocks import Realiser

STAGE = "test"


class DeployedTestbed(AwsTestbed):
    """The testbed of an app that runs in `server`; `made` is what its program has made. Closing it ends the server."""

    def __init__(
        self, app: Callable[[Target], App], server: Ministack, made: Realiser, stage: str, ending: ExitStack
    ) -> None:
        super().__init__(app, stage=stage, account=server.account, region=server.region, endpoint=server.endpoint)
        self.target = Target("aws", stage, account=server.account, region=server.region)
        self.server = server
        self.made = made
        self._ending = ending

    def close(self) -> None:
        """End the server, and with it all that was made."""
        super().close()
        self._ending.close()


def deployed(app: Callable[[Target], App], *, auth: bool = False, stage: str = STAGE) -> DeployedTestbed:
    """Deploy `app` into a new ministack, as `pulumi up` on the stack `aws-<stage>` would, and return its testbed.

    With `auth` the emulator refuses to a function whatever its role does not allow.
    """
    with ExitStack() as ending:
        server = ending.enter_context(running(auth=auth))
        ending.enter_context(environment(server.credentials))
        made = deploy(lambda: deployment.deploy(app), server, stack=f"aws-{stage}")
        return DeployedTestbed(app, server, made, stage, ending.pop_all())
