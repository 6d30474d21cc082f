"""What a program asks Google while it runs, and the emulated project's answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.emulators.gcp.session import Session
from tests.emulators.realiser.mocks import Call


def _project(google: Session, arguments: Mapping[str, Any]) -> dict[str, Any]:
    project = str(arguments.get("projectId") or google.project)
    return {"projectId": project, "name": project, "number": google.number, "id": f"projects/{project}"}


def _storage(google: Session, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The service makes its account when it is asked for it: https://cloud.google.com/storage/docs/projects#service-agents."""
    email = f"service-{google.number}@gs-project-accounts.iam.gserviceaccount.com"
    return {"project": google.project, "emailAddress": email, "member": f"serviceAccount:{email}", "id": email}


CALLS: Mapping[str, Call] = {
    "gcp:organizations/getProject:getProject": _project,
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": _storage,
}
"""Token of an invoke to its answer."""
