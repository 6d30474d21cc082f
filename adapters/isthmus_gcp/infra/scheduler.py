"""What jobs of Cloud Scheduler have in common: https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from isthmus_gcp.infra.subscriber import Reader, seconds

LONGEST_ATTEMPT = 1800
_SHORTEST_ATTEMPT = 15
_GRACE = 5


def attempt_deadline(timeout: float) -> str:
    """Return how long Scheduler waits for a function to answer."""
    return seconds(min(LONGEST_ATTEMPT, max(_SHORTEST_ATTEMPT, timeout + _GRACE)))


def target(reader: Reader, headers: Mapping[str, str], body: str = "{}") -> dict[str, Any]:
    """Return a function as what a job calls, by the function's own account."""
    return {
        "uri": reader.address,
        "http_method": "POST",
        "headers": {"Content-Type": "application/json", **headers},
        "body": b64encode(body.encode()).decode(),
        "oidc_token": {"service_account_email": reader.account.email, "audience": reader.address},
    }
