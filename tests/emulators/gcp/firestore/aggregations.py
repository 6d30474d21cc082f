"""Counts, sums and averages.

https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#structuredaggregationquery; they are computed
from an index that has the summed fields, so a document without one of them does not count at all:
https://cloud.google.com/firestore/docs/query-data/aggregation-queries#limitations
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.emulators.gcp.firestore.fields import get, segments
from tests.emulators.gcp.firestore.messages import Message, Value
from tests.emulators.gcp.firestore.queries import Query
from tests.emulators.gcp.firestore.queries import parse as parse_query
from tests.emulators.gcp.firestore.refusals import invalid
from tests.emulators.gcp.firestore.transforms import number

MOST = 5
_HIGHEST = 2**63


@dataclass(frozen=True, slots=True)
class Aggregation:
    """A query and what to compute over its results, by alias."""

    query: Query
    operations: dict[str, Message]

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields that are summed or averaged."""
        summed = (operation for operation in self.operations.values() if operation.WhichOneof("operator") != "count")
        return tuple(dict.fromkeys(_path(operation) for operation in summed))

    def over(self, documents: Sequence[Message]) -> dict[str, Message]:
        """Return the results over documents."""
        wanted = [segments(path) for path in self.paths]
        whole = [each for each in documents if all(get(each.fields, parts) is not None for parts in wanted)]
        return {alias: _result(operation, whole) for alias, operation in self.operations.items()}


def parse(parent: str, message: Message) -> Aggregation:
    """Return the aggregation that a message describes."""
    if not 1 <= len(message.aggregations) <= MOST:
        raise invalid(f"An aggregation query takes one to {MOST} aggregations.")
    operations = {
        operation.alias or f"field_{place}": operation for place, operation in enumerate(message.aggregations, start=1)
    }
    if any(operation.WhichOneof("operator") is None for operation in operations.values()):
        raise invalid("An aggregation needs an operator.")
    if len(operations) < len(message.aggregations):
        raise invalid("The aliases of aggregations must be unique.")
    return Aggregation(parse_query(parent, message.structured_query), operations)


def _path(operation: Message) -> str:
    path: str = getattr(operation, operation.WhichOneof("operator")).field.field_path
    return path


def _result(operation: Message, documents: Sequence[Message]) -> Message:
    kind = operation.WhichOneof("operator")
    if kind == "count":
        up_to = operation.count.up_to.value if operation.count.HasField("up_to") else len(documents)
        return Value(integer_value=min(len(documents), up_to))
    numbers = _numbers(documents, segments(_path(operation)))
    if kind == "avg":
        return Value(double_value=float(sum(numbers)) / len(numbers)) if numbers else Value(null_value=0)
    total = sum(numbers)
    if isinstance(total, int) and -_HIGHEST <= total < _HIGHEST:
        return Value(integer_value=total)
    return Value(double_value=float(total))


def _numbers(documents: Sequence[Message], parts: tuple[str, ...]) -> list[int | float]:
    found = [get(document.fields, parts) for document in documents]
    return [
        number(value)
        for value in found
        if value is not None and value.WhichOneof("value_type") in {"integer_value", "double_value"}
    ]
