"""AWS for tests: ministack, and what turns a Pulumi program into resources in it.

The contract suite finds this package by the provider's name. `WAYS` are the ways in which it can deploy an app.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # ministack's interpreter, which has no isthmus, imports this package for `corrections`
    from isthmus.declarations.app import App
    from isthmus.declarations.target import Target
    from isthmus.ports import Testbed

WAYS: Mapping[str, Mapping[str, Any]] = {"": {}}
"""Name of a way to its options."""


def deployed(app: Callable[[Target], App], **options: Any) -> Testbed:
    """Deploy `app` into an emulator of its own and return its testbed, which ends the emulator when it is closed."""
    from tests.emulators.aws import testbed

    return testbed.deployed(app, **options)
