"""From Pulumi's shapes to the AWS API's: most differ by the case of the first letter alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast


def pick(inputs: Mapping[str, Any], **names: str) -> dict[str, Any]:
    """Return what is set: `pick(inputs, VisibilityTimeout="visibilityTimeoutSeconds")`."""
    return {theirs: inputs[ours] for theirs, ours in names.items() if inputs.get(ours) is not None}


def picked(inputs: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return what is set of `names`, in the API's shape."""
    return {upper(name): pascal(inputs[name]) for name in names if inputs.get(name) is not None}


def pascal(value: Any) -> Any:
    """Return a value with its keys in PascalCase, at any depth."""
    if isinstance(value, Mapping):
        return {upper(key): pascal(inner) for key, inner in cast("Mapping[str, Any]", value).items()}
    if not isinstance(value, list):
        return value
    return [pascal(inner) for inner in cast("Sequence[Any]", value)]


def upper(name: str) -> str:
    """Return a name with its first letter in upper case."""
    return name[:1].upper() + name[1:]


def text(value: Any) -> str:
    """Return an attribute's value as SQS and SNS take it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def within(inputs: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """Return an object in the inputs; an empty one where none is set."""
    found: Any = inputs
    for name in path:
        found = found.get(name) or {}
    return dict(found)


def listed(inputs: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list in the inputs; an empty one where none is set."""
    return list(inputs.get(name) or [])


def tags(inputs: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the tags as a list of `Key` and `Value`."""
    return [{"Key": key, "Value": value} for key, value in within(inputs, "tags").items()]
