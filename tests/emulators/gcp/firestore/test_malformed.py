"""What no client of Google sends is refused, and never ends in an unknown error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulators.gcp.firestore.library import errors

Call = Callable[[Any, str], Any]


def query(**parts: Any) -> Call:
    return lambda api, name: list(
        api.run_query({"parent": f"{name}/documents", "structured_query": {"from_": [{"collection_id": "a"}], **parts}})
    )


def aggregation(*aggregations: Any) -> Call:
    structured: Any = {"structured_query": {"from_": [{"collection_id": "a"}]}, "aggregations": list(aggregations)}
    return lambda api, name: list(
        api.run_aggregation_query({"parent": f"{name}/documents", "structured_aggregation_query": structured})
    )


def commit(write: Callable[[str], Any]) -> Call:
    return lambda api, name: api.commit({"database": name, "writes": [write(f"{name}/documents/a/b")]})


MALFORMED: dict[str, Call] = {
    "a query of no collection": lambda api, name: list(api.run_query({"parent": f"{name}/documents"})),
    "a query below nothing": lambda api, name: list(
        api.run_query({"parent": name, "structured_query": {"from_": [{"collection_id": "a"}]}})
    ),
    "a filter without a type": query(where={}),
    "a composite filter of nothing": query(where={"composite_filter": {"op": 1}}),
    "a filter without an operator": query(where={"field_filter": {"field": {"field_path": "x"}}}),
    "a unary filter without an operator": query(where={"unary_filter": {"field": {"field_path": "x"}}}),
    "a filter without a field": query(where={"unary_filter": {"op": 3}}),
    "a negative limit": query(limit=-1),
    "a search for neighbours": query(find_nearest={"limit": 1}),
    "no aggregation": aggregation(),
    "an aggregation without an operator": aggregation({}),
    "a sum of no field": aggregation({"sum": {}}),
    "two aggregations of one name": aggregation({"alias": "a", "count": {}}, {"alias": "a", "count": {}}),
    "six aggregations": aggregation(*[{"count": {}}] * 6),
    "a write without an operation": commit(lambda path: {}),
    "a transform without a type": commit(
        lambda path: {"update": {"name": path}, "update_transforms": [{"field_path": "x"}]}
    ),
    "a mask with half a path": commit(lambda path: {"update": {"name": path}, "update_mask": {"field_paths": ["a."]}}),
    "a mask with an open quote": commit(
        lambda path: {"update": {"name": path}, "update_mask": {"field_paths": ["`a"]}}
    ),
    "a page token that nobody gave out": lambda api, name: list(
        api.list_documents({"parent": f"{name}/documents", "collection_id": "a", "page_token": "zz"})
    ),
    "an order that is none": lambda api, name: list(
        api.list_documents({"parent": f"{name}/documents", "collection_id": "a", "order_by": "a sideways"})
    ),
    "a list of no collection": lambda api, name: list(api.list_documents({"parent": f"{name}/documents"})),
}


@pytest.mark.parametrize("call", MALFORMED.values(), ids=MALFORMED)
def test_it_is_refused(db: Any, name: str, call: Call) -> None:
    with pytest.raises(errors.InvalidArgument):
        call(db._firestore_api, name)


def test_bytes_that_are_no_message_end_nothing(db: Any, name: str, letter: Any) -> None:
    channel = db._firestore_api.transport.grpc_channel
    with pytest.raises(Exception, match="no message of this call"):
        channel.unary_unary("/google.firestore.v1.Firestore/Commit")(b"\xff\xff\xff")

    letter.set({})
