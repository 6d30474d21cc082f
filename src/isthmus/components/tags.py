"""The tags of everything that takes tags: whose it is, and what the app says."""

from __future__ import annotations

from collections.abc import Mapping

from isthmus.plan import Plan

APP = "isthmus:app"
STAGE = "isthmus:stage"


def tags_of(plan: Plan, own: Mapping[str, str]) -> dict[str, str]:
    """Return the app, the stage, the app's tags, and `own` over them."""
    return {APP: plan.app.name, STAGE: plan.target.stage, **plan.app.tags, **own}
