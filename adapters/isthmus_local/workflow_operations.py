"""What a handler may ask of a linked workflow, and a command of any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from isthmus_local.workflow_requests import Requests
from isthmus_local.workflow_steps import Steps


def workflow_operations(steps: Steps, requests: Requests) -> Mapping[str, tuple[str, str, Callable[..., Any]]]:
    """Return the operations of workflows by their names: the kind, the verb that a link must grant, and the step."""
    return {
        "workflow.start": ("workflow", "start", steps.start),
        "workflow.describe": ("workflow", "read", requests.describe),
        "workflow.stop": ("workflow", "stop", requests.stop),
        "workflow.succeed": ("workflow", "complete", requests.succeed),
        "workflow.fail": ("workflow", "complete", requests.fail),
        "workflow.heartbeat": ("workflow", "complete", requests.heartbeat),
    }
