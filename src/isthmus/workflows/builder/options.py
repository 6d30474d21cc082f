"""The options of states: the fields of the language, in Python's spelling (`result_path` is `ResultPath`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from isthmus.workflows.builder.errors import Catcher, Retrier
from isthmus.workflows.definition import QueryLanguage


class StateOptions(TypedDict, total=False):
    """What any state may have; which query language has which is for the linter to tell."""

    comment: str
    query_language: QueryLanguage
    input_path: str | None
    output_path: str | None
    output: Any


class StepOptions(StateOptions, total=False):
    """What a state may have that goes on: `next` names another state than the one that is added after it."""

    assign: Mapping[str, Any]
    next: str
    end: bool


class PassOptions(StepOptions, total=False):
    """What a Pass may have."""

    result: Any
    parameters: Any
    result_path: str | None


class WaitOptions(StepOptions, total=False):
    """What a Wait may have: one of these."""

    seconds: int | str
    seconds_path: str
    timestamp: str
    timestamp_path: str


class WorkOptions(StepOptions, total=False):
    """What a state may have whose work may fail."""

    parameters: Any
    arguments: Any
    result_selector: Mapping[str, Any]
    result_path: str | None
    retry: Sequence[Retrier]
    catch: Sequence[Catcher]


class TaskOptions(WorkOptions, total=False):
    """What a Task may have."""

    timeout_seconds: int | str
    timeout_seconds_path: str
    heartbeat_seconds: int | str
    heartbeat_seconds_path: str
    credentials: Mapping[str, Any]


class MapOptions(WorkOptions, total=False):
    """What a Map may have."""

    items: Any
    items_path: str
    item_selector: Any
    item_reader: Mapping[str, Any]
    item_batcher: Mapping[str, Any]
    result_writer: Mapping[str, Any]
    max_concurrency: int | str
    max_concurrency_path: str
    tolerated_failure_count: int | str
    tolerated_failure_count_path: str
    tolerated_failure_percentage: float | str
    tolerated_failure_percentage_path: str
    label: str


class FailOptions(TypedDict, total=False):
    """What a Fail may have."""

    comment: str
    query_language: QueryLanguage
    error: str
    cause: str
    error_path: str
    cause_path: str
