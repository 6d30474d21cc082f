"""A Map whose iterations are executions of their own, with items and results in buckets.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from isthmus.declarations.bucket import Bucket
from isthmus.declarations.workflow import Workflow
from isthmus.shapes import is_mapping, is_text, shown
from isthmus.workflows.definition import NESTED, State
from isthmus.workflows.names import Names
from isthmus_aws.infra.policies import Statement, allow
from isthmus_aws.workflow.addresses import Addresses
from isthmus_aws.workflow.languages import LANGUAGES
from isthmus_aws.workflow.outcome import Fields, UnsayableError
from isthmus_aws.workflow.paths import COMPUTED

READER, WRITER = "ItemReader", "ResultWriter"

_KEPT = "Bucket"


class Place(NamedTuple):
    """A bucket that a Map reads its items of (`field` is "ItemReader"), or writes its results to."""

    field: str
    bucket: Bucket


def is_distributed(state: State) -> bool:
    """Return whether a state is such a Map."""
    return state.type == "Map" and _config(state).get("Mode") == "DISTRIBUTED"


def execution_type(state: State) -> Any:
    """Return of which type the executions of such a Map are: "STANDARD" or "EXPRESS"."""
    return _config(state).get("ExecutionType")


def names_of(workflow: Workflow) -> Names:
    """Return what the names of a workflow's document stand for."""
    resources: Any = workflow.app.resources
    return Names(workflow.bind if is_mapping(workflow.bind) else {}, resources)


def places(state: State, names: Names) -> Iterator[Place]:
    """Yield the buckets of a Map; `UnsayableError` where a name stands for none."""
    for field in (READER, WRITER):
        if not is_mapping(state.fields.get(field)):
            continue
        given = _arguments(state, field)
        if f"{_KEPT}{COMPUTED}" in given:
            raise UnsayableError(f"{field}: its bucket is computed: write it as it is, so that the right is given")
        said = given.get(_KEPT)
        if said is None:
            continue
        found = names.find(said) if is_text(said) else None
        if not isinstance(found, Bucket):
            raise UnsayableError(f"{field}: there is no bucket {shown(said)}: declare it, or bind the name to one")
        yield Place(field, found)


def written(state: State, names: Names, addresses: Addresses) -> Fields:
    """Return the fields of a Map that has buckets, with their real names."""
    key = LANGUAGES[state.language].arguments
    return {
        place.field: {
            **state.fields[place.field],
            key: {**_arguments(state, place.field), _KEPT: addresses.named(_KEPT, place.bucket)},
        }
        for place in places(state, names)
    }


def statements(workflow: Workflow, state: State, names: Names, addresses: Addresses) -> Iterator[Statement]:
    """Yield what such a Map may do: to start its own iterations, and to use its buckets.

    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    """
    arns = addresses.arns
    yield allow(["states:StartExecution"], [arns.of(workflow)])
    executions = arns.executions(workflow)
    runs = f"{executions.removesuffix(':*')}/*:*"
    yield allow(["states:DescribeExecution", "states:RedriveExecution", "states:StopExecution"], [executions, runs])
    for place in places(state, names):
        arn = addresses.arn(place.bucket)
        actions = ["s3:GetObject"] if place.field == READER else ["s3:GetObject", "s3:PutObject"]
        yield allow([*actions, *(["s3:AbortMultipartUpload"] if place.field == WRITER else [])], [f"{arn}/*"])
        yield allow(["s3:ListBucket"], [arn])


def _config(state: State) -> Mapping[str, Any]:
    found = (state.fields[name] for name in NESTED if is_mapping(state.fields.get(name)))
    processor: Any = next(found, None)
    config: Any = processor.get("ProcessorConfig") if processor else None
    return config if is_mapping(config) else {}


def _arguments(state: State, field: str) -> Mapping[str, Any]:
    given = state.fields[field].get(LANGUAGES[state.language].arguments)
    return given if is_mapping(given) else {}
