"""An app deployed for a test: planned, bundled, and made in a cloud of its own by the program that deploys it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from isthmus import deployment
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus_gcp.testbed import GcpTestbed
from tests.emulators.environment import environment
from tests.emulators.gcp.deploy import deploy
from tests.emulators.gcp.process import Google
from tests.emulators.realiser.mocks import Realiser

STAGE = "test"


class EmulatedTestbed(GcpTestbed):
    """The testbed of an app that runs in `cloud`; `made` is what its program has made. Closing it ends the cloud.

    Until then the environment of this process leads Google's libraries there.
    """

    def __init__(
        self, app: Callable[[Target], App], cloud: Google, made: Realiser, stage: str, ending: ExitStack
    ) -> None:
        super().__init__(app, stage=stage, account=cloud.project, region=cloud.region)
        self.cloud = cloud
        self.made = made
        self._ending = ending
        self._seen: dict[str, int] = {}

    def written(self) -> str:
        """Return what functions, and the cloud, have written since this was last asked: a failed test is told."""
        logs = {**self.cloud.logs(), "the cloud": self.cloud.log}
        new = {name: log[self._seen.get(name, 0) :] for name, log in logs.items()}
        self._seen = {name: len(log) for name, log in logs.items()}
        return "\n".join(f"{name.rpartition('/')[2]}:\n{log}" for name, log in new.items() if log.strip())

    def close(self) -> None:
        """End the cloud, and with it all that was made."""
        super().close()
        self._ending.close()


def deployed(app: Callable[[Target], App], *, stage: str = STAGE) -> EmulatedTestbed:
    """Deploy `app` into a new cloud, as `pulumi up` on the stack `gcp-<stage>` would, and return its testbed."""
    with ExitStack() as ending:
        cloud = ending.enter_context(Google())
        ending.enter_context(environment(cloud.variables()))
        made = deploy(lambda: deployment.deploy(app), cloud, stack=f"gcp-{stage}")
        return EmulatedTestbed(app, cloud, made, stage, ending.pop_all())
