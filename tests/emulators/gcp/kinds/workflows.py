"""Workflows: the cloud runs them from what its door keeps; a source that Google would refuse is refused here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.emulators.gcp.kinds.kept import kept, unique
from tests.emulators.gcp.resources import within
from tests.emulators.gcp.session import Session
from tests.emulators.gcp.workflows.failures import DeploymentError
from tests.emulators.gcp.workflows.service import WORKFLOWS
from tests.emulators.gcp.workflows.workflow import deploy
from tests.emulators.realiser.kind import Inputs, Kind, Made, Outputs

VARIABLES, LONGEST = 20, 4 * 1024
"""User variables: https://cloud.google.com/workflows/docs/use-environment-variables."""


def _path(google: Session, inputs: Inputs) -> str:
    return google.path(inputs, "locations", inputs.get("region") or google.region, "workflows", inputs["name"])


def _outputs(_google: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    return {"state": "ACTIVE", "revisionId": f"000001-{unique(id_, str(inputs))[:3]}"}


def _checked(inputs: Inputs) -> None:
    """Refuse what Google would not deploy."""
    deploy(str(inputs.get("sourceContents") or ""))
    variables = within(inputs, "userEnvVars")
    wrong = [name for name in variables if name.startswith(("GOOGLE", "WORKFLOWS")) or not name]
    long = [name for name, value in variables.items() if len(str(value).encode()) > LONGEST]
    if wrong or long or len(variables) > VARIABLES:
        raise DeploymentError([f"invalid environment variables: {wrong or long or len(variables)}"])


def _kind() -> Kind:
    plain = kept(WORKFLOWS, _path, _outputs, name="name", outputs=("state", "revisionId"))

    def create(google: Session, inputs: Inputs) -> Made:
        _checked(inputs)
        return plain.create(google, inputs)

    def change(google: Session, id_: str, inputs: Inputs) -> Outputs:
        _checked(inputs)
        google.cloud.put(WORKFLOWS, id_, inputs)
        return _outputs(google, id_, inputs)

    return replace(plain, create=create, change=change)


KINDS: dict[str, Kind] = {"gcp:workflows/workflow:Workflow": _kind()}
"""Pulumi's token to what makes it."""
