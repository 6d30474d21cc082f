"""Google on one machine: the real parts that there are, each in a process of its own, and small doubles for the rest.

`WAYS` are the ways in which the contract runs here, and `deployed` returns the testbed of one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isthmus.declarations.app import App
    from isthmus.declarations.target import Target
    from isthmus.ports import Testbed

WAYS: Mapping[str, Mapping[str, Any]] = {"": {}}
"""Name of a way to its options."""


def deployed(app: Callable[[Target], App], **options: Any) -> Testbed:
    """Deploy `app` into a cloud of its own and return its testbed, which ends the cloud when it is closed."""
    from tests.emulators.gcp import testbed

    return testbed.deployed(app, **options)
