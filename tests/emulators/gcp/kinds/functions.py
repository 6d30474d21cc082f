"""Cloud Functions (2nd gen): the cloud runs them from what its door keeps."""

from __future__ import annotations

from typing import Any

from tests.emulators.gcp.kinds.kept import kept
from tests.emulators.gcp.resources import within
from tests.emulators.gcp.session import Session
from tests.emulators.realiser.kind import Inputs, Kind


def _path(google: Session, inputs: Inputs) -> str:
    return google.path(inputs, "locations", inputs["location"], "functions", inputs["name"])


def _outputs(google: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    """Return the outputs; both addresses of a function are the one that it has here."""
    url = f"{google.cloud.origin}/{google.of(inputs)}/{inputs['location']}/{inputs['name']}"
    service = id_.replace("/functions/", "/services/")
    config = {**within(inputs, "serviceConfig"), "uri": url, "service": service, "gcfUri": url}
    return {"url": url, "state": "ACTIVE", "environment": "GEN_2", "serviceConfig": config}


KINDS: dict[str, Kind] = {
    "gcp:cloudfunctionsv2/function:Function": kept(
        "function", _path, _outputs, name="name", outputs=("url", "state", "environment", "serviceConfig")
    ),
}
"""Pulumi's token to what makes it."""
