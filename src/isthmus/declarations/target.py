"""Where an app is to run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A provider and a stage, and the account or project and region that the provider deploys to.

    An app is a function of its target, so that it may differ by stage.
    """

    provider: str
    stage: str
    account: str = ""
    region: str = ""
