"""The program of the engine tests: the reference app, with what a test changes about it, named by `CHANGE`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isthmus.declarations.app import App
    from isthmus.declarations.target import Target


def run() -> None:
    """Register the reference app; "larger" gives its functions more memory, "broken" adds what nobody can make."""
    from infra.app import app
    from isthmus.deployment import deploy

    change = os.environ.get("CHANGE", "")

    def declare(target: Target) -> App:
        declared = app(target)
        if change == "larger":
            declared.transform = {"function": {"memory": 1024}}
        return declared

    if change == "broken":
        _break()
    deploy(declare)


def _break() -> None:
    """Add a subscription that nobody can make, and a topic behind it."""
    import pulumi
    from pulumi_gcp import pubsub

    broken = pubsub.Subscription("broken", topic="projects/p/topics/none")
    pubsub.Topic("behind-it", opts=pulumi.ResourceOptions(depends_on=[broken]))


if __name__ == "__main__":
    root = Path(__file__).resolve().parents[4]
    sys.path.insert(0, str(root))
    os.chdir(root)  # as the reference app's own program does: paths of definitions are seen from there
    run()
