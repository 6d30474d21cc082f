"""https://cloud.google.com/firestore/docs/query-data/aggregation-queries"""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.emulators.gcp.firestore.library import ASCENDING, Where, errors, fails, types
from tests.emulators.gcp.firestore.process import Firestore


@pytest.fixture
def numbers(letters: Any) -> Any:
    for name, n, g in (("a", 1, "x"), ("b", 3, "x"), ("c", 5, "y")):
        letters.document(name).set({"n": n, "g": g})
    return letters


def value(aggregation: Any) -> Any:
    ((result,),) = aggregation.get()
    return result.value


def test_a_count_counts_what_the_query_finds(numbers: Any) -> None:
    assert value(numbers.where(filter=Where("g", "==", "x")).count()) == 2


def test_a_count_obeys_the_limit(numbers: Any) -> None:
    assert value(numbers.limit(2).count()) == 2


def test_sum_and_average(numbers: Any) -> None:
    assert value(numbers.sum("n")) == 9
    assert value(numbers.avg("n")) == 3.0


def test_what_is_no_number_is_not_summed(numbers: Any) -> None:
    numbers.document("d").set({"n": "text"})

    assert value(numbers.sum("n")) == 9


def test_a_sum_that_overflows_is_a_double(letters: Any) -> None:
    letters.document("a").set({"n": 2**63 - 1})
    letters.document("b").set({"n": 1})

    assert value(letters.sum("n")) == float(2**63)


def test_a_sum_with_nan_is_nan(numbers: Any) -> None:
    numbers.document("d").set({"n": math.nan})

    assert math.isnan(value(numbers.sum("n")))


def test_of_nothing_the_sum_is_zero_and_the_average_null(db: Any, name: str, letters: Any) -> None:
    average = {"alias": "average", "avg": {"field": {"field_path": "n"}}}
    query = {"structured_query": {"from_": [{"collection_id": letters.id}]}, "aggregations": [average]}

    (answer,) = db._firestore_api.run_aggregation_query(
        {"parent": f"{name}/documents", "structured_aggregation_query": query}
    )

    found = types.RunAggregationQueryResponse.pb(answer).result.aggregate_fields["average"]
    assert value(letters.sum("n")) == 0
    assert found.WhichOneof("value_type") == "null_value"


def test_beside_a_sum_only_documents_with_the_field_are_counted(numbers: Any) -> None:
    numbers.document("d").set({"g": "x"})

    ((total, count),) = numbers.sum("n", alias="total").count(alias="count").get()

    assert {total.alias: total.value, count.alias: count.value} == {"total": 9, "count": 3}


def test_a_sum_over_a_filter_needs_an_index_with_the_field(firestore: Firestore, name: str, numbers: Any) -> None:
    query = numbers.where(filter=Where("g", "==", "x"))
    with fails(errors.FailedPrecondition, "requires an index"):
        value(query.sum("n"))

    firestore.create_index(name, numbers.id, [("g", ASCENDING), ("n", ASCENDING)])

    assert value(query.sum("n")) == 4


def test_an_aggregation_in_a_transaction_locks_what_it_counts(db: Any, numbers: Any) -> None:
    transaction = db.transaction()
    transaction._begin()
    numbers.count().get(transaction=transaction)

    with fails(errors.DeadlineExceeded):
        numbers.document("d").set({"n": 1}, timeout=0.3, retry=None)
    transaction._rollback()
