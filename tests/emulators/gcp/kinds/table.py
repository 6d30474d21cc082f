"""Every resource type that the cloud can make, by Pulumi's token."""

from __future__ import annotations

from collections.abc import Mapping

from tests.emulators.gcp.kinds import (
    firestore,
    functions,
    gateway,
    iam,
    jobs,
    pubsub,
    settings,
    storage,
    workflows,
)
from tests.emulators.realiser.kind import Kind

KINDS: Mapping[str, Kind] = {
    token: kind
    for module in (firestore, functions, gateway, iam, jobs, pubsub, settings, storage, workflows)
    for token, kind in module.KINDS.items()
}
"""Pulumi's token to what makes it."""
