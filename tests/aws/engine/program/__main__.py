"""The program of the engine tests: the app `APP`, with what a test changes about it, named by `CHANGE`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isthmus.declarations.app import App
    from isthmus.declarations.target import Target


def run() -> None:
    """Register the app: the reference app, or else a shop of that name."""
    from isthmus.deployment import deploy
    from tests.aws.engine.program.shop import shop

    app, change = os.environ["APP"], os.environ.get("CHANGE", "")
    if change == "broken":
        _break()
    deploy(_orders(change) if app == "orders" else shop(change, app))


def _orders(change: str) -> Callable[[Target], App]:
    """Return the reference app; "larger" gives its functions more memory."""
    from infra.app import app

    def declare(target: Target) -> App:
        declared = app(target)
        if change == "larger":
            declared.transform = {"function": {"memory": 1024}}
        return declared

    return declare


def _break() -> None:
    """Add a queue that nobody can make, and another behind it."""
    import pulumi
    from pulumi_aws import sqs

    broken = sqs.Queue("broken", redrive_policy="{this is no JSON")
    sqs.Queue("behind-it", opts=pulumi.ResourceOptions(depends_on=[broken]))


if __name__ == "__main__":
    root = Path(__file__).resolve().parents[4]
    sys.path.insert(0, str(root))
    os.chdir(root)  # as the reference app's own program does: paths of definitions are seen from there
    run()
