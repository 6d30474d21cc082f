"""Deploys an app under mocks by the program that Pulumi runs, with bundles that nobody has built."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.deployment import deploy
from isthmus.plan import Plan
from tests.gcp.infra.mocks import Deployed, Everything, run

BUILDER = "isthmus_gcp.bundles"


def deployed(
    declare: Callable[[Target], App],
    *,
    stack: str = "gcp-dev",
    preview: bool = False,
    prepared: Mapping[str, Any] | None = None,
) -> Deployed:
    """Return all that the deployment of an app registers."""
    with bundled(Everything() if prepared is None else prepared):
        return run(lambda: deploy(declare), stack_name=stack, preview=preview)


@contextmanager
def bundled(prepared: Mapping[str, Any]) -> Generator[None]:
    """Stand in for the module that builds bundles: nothing here runs a function."""

    def bundles(_plan: Plan) -> Mapping[str, Any]:
        return prepared

    stand_in: Any = SimpleNamespace(bundles=bundles)
    before = sys.modules.get(BUILDER)
    sys.modules[BUILDER] = stand_in
    try:
        yield
    finally:
        del sys.modules[BUILDER]
        if before is not None:
            sys.modules[BUILDER] = before


def refused(declare: Callable[[Target], App], **options: Any) -> str:
    """Return why an app is refused, after making sure that nothing at all was registered."""
    with pytest.raises(pulumi.RunError) as caught:
        deployed(declare, **options)
    assert caught.value.resources == []  # type: ignore[attr-defined]
    return str(caught.value)
