"""Runs a Pulumi program into a ministack: under mocks, without an engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.emulators.aws.invokes import CALLS
from tests.emulators.aws.kinds.table import KINDS
from tests.emulators.aws.ministack import Ministack
from tests.emulators.aws.runtime import lay_out
from tests.emulators.aws.session import Session
from tests.emulators.realiser import mocks
from tests.emulators.realiser.mocks import Realiser


def deploy(
    program: Callable[[], object],
    server: Ministack,
    *,
    stack: str,
    project: str = "app",
    config: Mapping[str, str] | None = None,
    preview: bool = False,
) -> Realiser:
    """Run `program` as the stack `stack` and return what came of it; every resource is then real in `server`."""
    configured = {"aws:region": server.region, **(config or {})}
    return mocks.deploy(
        program, session(server), KINDS, CALLS, project=project, stack=stack, config=configured, preview=preview
    )


def session(server: Ministack) -> Session:
    """Return the session of the creators, with the runtime that functions get laid out beside the server's files."""
    folder: Path = server.folder / "runtime"
    return Session(server.endpoint, folder if folder.exists() else lay_out(folder))
