"""Secrets and parameters, and the services of a project."""

from __future__ import annotations

from typing import Any

from tests.emulators.gcp.kinds.kept import kept
from tests.emulators.gcp.session import Session
from tests.emulators.realiser.kind import Inputs, Kind, Made


def _secret(google: Session, inputs: Inputs) -> Made:
    parent = f"projects/{google.of(inputs)}"
    secret: dict[str, Any] = {"replication": {"automatic": {}}, "labels": inputs.get("labels") or {}}
    google.secrets.create_secret(parent=parent, secret_id=inputs["secretId"], secret=secret)
    path = f"{parent}/secrets/{inputs['secretId']}"
    return Made(path, {"name": f"projects/{google.number}/secrets/{inputs['secretId']}"})


def _read_secret(google: Session, id_: str, _state: Inputs) -> dict[str, Any]:
    google.secrets.get_secret(name=id_)
    return {}


def _delete_secret(google: Session, id_: str, state: Inputs) -> None:
    if state.get("deletionProtection"):
        raise PermissionError(f"{id_} cannot be destroyed without setting deletionProtection to false")
    google.secrets.delete_secret(name=id_)


def _parameter(google: Session, inputs: Inputs) -> str:
    return google.path(inputs, "locations", "global", "parameters", inputs["parameterId"])


def _version(_google: Session, inputs: Inputs) -> str:
    return f"{inputs['parameter']}/versions/{inputs['parameterVersionId']}"


def _service(google: Session, inputs: Inputs) -> str:
    return f"{google.of(inputs)}/{inputs['service']}"


def _agent(google: Session, inputs: Inputs) -> str:
    return google.path(inputs, "services", inputs["service"])


def _of_agent(google: Session, _id: str, inputs: Inputs) -> dict[str, Any]:
    service = str(inputs["service"]).partition(".")[0]
    email = f"service-{google.number}@gcp-sa-{service}.iam.gserviceaccount.com"
    return {"email": email, "member": f"serviceAccount:{email}"}


def _named(_google: Session, id_: str, _inputs: Inputs) -> dict[str, Any]:
    return {"name": id_}


KINDS: dict[str, Kind] = {
    "gcp:secretmanager/secret:Secret": Kind(
        create=_secret,
        change=lambda google, id_, inputs: {"name": f"projects/{google.number}/secrets/{inputs['secretId']}"},
        delete=_delete_secret,
        read=_read_secret,
        fixed=("project", "secretId", "replication"),
        outputs=("name",),
    ),
    "gcp:parametermanager/parameter:Parameter": kept(
        "parameter", _parameter, _named, fixed=("parameterId", "format"), outputs=("name",)
    ),
    "gcp:parametermanager/parameterVersion:ParameterVersion": kept(
        "parameter-version",
        _version,
        _named,
        fixed=("parameter", "parameterVersionId", "parameterData"),
        outputs=("name",),
    ),
    "gcp:projects/service:Service": kept("service", _service, fixed=("service",)),
    "gcp:projects/serviceIdentity:ServiceIdentity": kept(
        "agent", _agent, _of_agent, fixed=("service",), outputs=("email", "member")
    ),
}
"""Pulumi's token to what makes it."""
