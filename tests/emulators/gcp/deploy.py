"""Runs a Pulumi program into a cloud: under mocks, without an engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.emulators.gcp.invokes import CALLS
from tests.emulators.gcp.kinds.table import KINDS
from tests.emulators.gcp.process import Address
from tests.emulators.gcp.session import Session
from tests.emulators.realiser import mocks
from tests.emulators.realiser.mocks import Realiser


def deploy(
    program: Callable[[], object],
    cloud: Address,
    *,
    stack: str,
    project: str = "app",
    config: Mapping[str, str] | None = None,
    preview: bool = False,
) -> Realiser:
    """Run `program` as the stack `stack` and return what came of it; every resource is then real in `cloud`."""
    configured = {"gcp:project": cloud.project, "gcp:region": cloud.region, **(config or {})}
    session = Session(cloud.address)
    return mocks.deploy(
        program, session, KINDS, CALLS, project=project, stack=stack, config=configured, preview=preview
    )
