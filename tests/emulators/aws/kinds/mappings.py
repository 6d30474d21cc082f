"""Event source mappings: what Lambda polls for a function."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.emulators.aws.session import Session
from tests.emulators.aws.shapes import picked, within
from tests.emulators.realiser.kind import Inputs, Kind, Made

_OPTIONS = (
    *("batchSize", "maximumBatchingWindowInSeconds", "functionResponseTypes", "filterCriteria", "enabled"),
    *("startingPosition", "parallelizationFactor", "bisectBatchOnFunctionError", "maximumRetryAttempts"),
    *("maximumRecordAgeInSeconds", "destinationConfig", "scalingConfig", "tumblingWindowInSeconds"),
)


def _mapping(aws: Session, inputs: Inputs) -> Made:
    found = aws.client("lambda").create_event_source_mapping(
        EventSourceArn=inputs["eventSourceArn"], FunctionName=inputs["functionName"], **_options(inputs, _OPTIONS)
    )
    return Made(found["UUID"], _outputs(aws, found))


def _options(inputs: Inputs, names: Iterable[str]) -> dict[str, Any]:
    options = picked(inputs, *names)
    failed = within(inputs, "destinationConfig", "onFailure")
    if failed:
        options["DestinationConfig"] = {"OnFailure": {"Destination": failed["destinationArn"]}}
    return options


def _outputs(aws: Session, found: Any) -> dict[str, Any]:
    return {
        "uuid": found["UUID"],
        "arn": aws.arn("lambda", f"event-source-mapping:{found['UUID']}"),
        "functionArn": found["FunctionArn"],
        "state": found["State"],
        "lastModified": str(found.get("LastModified", "")),
        "lastProcessingResult": found.get("LastProcessingResult", ""),
        "stateTransitionReason": found.get("StateTransitionReason", ""),
    }


def _change(aws: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    options = _options(inputs, [name for name in _OPTIONS if name != "startingPosition"])
    client = aws.client("lambda")
    return _outputs(aws, client.update_event_source_mapping(UUID=id_, FunctionName=inputs["functionName"], **options))


def _read(aws: Session, id_: str, state: Inputs) -> dict[str, Any]:
    found = aws.client("lambda").get_event_source_mapping(UUID=id_)
    asked = state.get("batchSize")
    drifted = {} if asked in (None, found.get("BatchSize")) else {"batchSize": found["BatchSize"]}
    return {**_outputs(aws, found), **drifted}


KINDS = {
    "aws:lambda/eventSourceMapping:EventSourceMapping": Kind(
        create=_mapping,
        change=_change,
        delete=lambda aws, id_, _: aws.client("lambda").delete_event_source_mapping(UUID=id_),
        read=_read,
        fixed=("eventSourceArn", "startingPosition"),
        outputs=("uuid", "arn", "functionArn", "state"),
    ),
}
"""Pulumi's token to what makes it."""
