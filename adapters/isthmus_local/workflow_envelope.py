"""What rides with an execution: in its input, and from there beside everything that its tasks cause."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from isthmus.envelope import CORRELATION_ID, TRACEPARENT, child, valid_correlation_id, valid_traceparent
from isthmus.shapes import is_mapping
from isthmus.workflow_input import ENVELOPE
from isthmus.workflows.frames import Call


def carried(call: Call) -> dict[str, str]:
    """Return the envelope of the execution that a call is of; anybody may have written its input."""
    execution = call.context.get("Execution")
    given = execution.get("Input") if is_mapping(execution) else None
    found: Any = given.get(ENVELOPE) if is_mapping(given) else None
    known: Mapping[str, Any] = found if is_mapping(found) else {}
    told = {
        CORRELATION_ID: valid_correlation_id(known.get(CORRELATION_ID)),
        TRACEPARENT: valid_traceparent(known.get(TRACEPARENT)),
    }
    return {name: value for name, value in told.items() if value}


def attributes(call: Call) -> dict[str, str]:
    """Return what rides beside the payload of a function."""
    told = carried(call)
    return {**told, TRACEPARENT: child(told[TRACEPARENT])} if TRACEPARENT in told else told


def request_id(call: Call) -> str:
    """Return an id of a call that may be logged: not its token, with which the task could be completed."""
    return hashlib.sha256(call.token.encode()).hexdigest()[:32]
