"""Which index a query needs: without it the query fails, as it does in the cloud.

- Equality filters can merge several indexes; the rest of a query (inequalities, then orders, then the name) has to be
  the end of one index, in exactly that direction:
  https://cloud.google.com/firestore/docs/query-data/index-overview#taking_advantage_of_index_merging
- What needs an index of its own: https://cloud.google.com/firestore/docs/query-data/indexing
- An `in` or an `or` comes down to several queries, each of which needs its indexes:
  https://cloud.google.com/firestore/docs/query-data/queries#or_queries
- A sum or average needs its field in the index:
  https://cloud.google.com/firestore/docs/query-data/aggregation-queries#limitations
- `__name__` descending needs an index: https://github.com/firebase/flutterfire/issues/4398. Whether a descending
  single-field index also serves `==` ordered by `__name__` descending is not documented: here it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations

from tests.emulators.gcp.firestore.fields import NAME
from tests.emulators.gcp.firestore.filters import Condition
from tests.emulators.gcp.firestore.indexes import (
    ASCENDING,
    COLLECTION,
    COLLECTION_GROUP,
    CONTAINS,
    DESCENDING,
    Indexes,
    IndexField,
)
from tests.emulators.gcp.firestore.names import database_of
from tests.emulators.gcp.firestore.queries import Query
from tests.emulators.gcp.firestore.refusals import precondition

Equality = tuple[str, bool]
"""A path that an equality filter names, and whether it has to be among an array's elements."""

BY_NAME: tuple[IndexField, ...] = ((NAME, ASCENDING),)


def check(query: Query, indexes: Indexes, aggregated: Iterable[str] = ()) -> None:
    """Refuse a query that no index, nor several merged, can serve."""
    alternatives = query.where.alternatives() if query.where else [()]
    for conditions in alternatives:
        equalities, ends = _needs(query, conditions, aggregated)
        if not any(_is_served(query, indexes, equalities, end) for end in ends):
            raise precondition(_message(query, equalities, ends[0]))


def _needs(
    query: Query, conditions: Sequence[Condition], aggregated: Iterable[str]
) -> tuple[set[Equality], list[tuple[IndexField, ...]]]:
    """Return the equalities, and the ends of which any one will do for the rest."""
    named = [condition for condition in conditions if condition.operator in {"==", "array-contains"}]
    equalities = {(condition.path, condition.operator != "==") for condition in named if condition.path != NAME}
    equal = {path for path, contains in equalities if not contains}
    orders = [(path, DESCENDING if descending else ASCENDING) for path, descending in query.orders]
    rest = [order for order in orders if order[0] not in equal]
    place = [path for path, _ in rest].index(NAME)
    missing = sorted(set(aggregated) - {path for path, _ in rest} - equal - {NAME})
    if not missing:
        return equalities, [tuple(rest[: place + 1])]
    return equalities, [
        (*rest[:place], *((path, direction) for path in chosen), (NAME, direction))
        for direction in (ASCENDING, DESCENDING)
        for chosen in permutations(missing)
    ]


def _is_served(query: Query, indexes: Indexes, equalities: set[Equality], end: tuple[IndexField, ...]) -> bool:
    if not equalities and (end == BY_NAME or _has_single(query, indexes, end)):
        return True
    found: set[Equality] = set()
    is_any = False
    for head in _heads(query, indexes, equalities, end):
        is_any, found = True, found | head
    return is_any and found == equalities


def _heads(
    query: Query, indexes: Indexes, equalities: set[Equality], end: tuple[IndexField, ...]
) -> Iterable[set[Equality]]:
    """Yield, of each index that ends as it must, the equalities before that end."""
    if end == BY_NAME:
        for path, contains in equalities:
            if _single_modes(query, indexes, path) & ({CONTAINS} if contains else {ASCENDING, DESCENDING}):
                yield {(path, contains)}
    for index in indexes.composites_of(query.collection_id, _scope(query)):
        head = {(path, mode == CONTAINS) for path, mode in index.fields[: -len(end)]}
        if index.fields[-len(end) :] == end and head <= equalities:
            yield head


def _has_single(query: Query, indexes: Indexes, end: tuple[IndexField, ...]) -> bool:
    if len(end) != 2 or end[0][1] != end[1][1]:
        return False
    return end[0][1] in _single_modes(query, indexes, end[0][0])


def _single_modes(query: Query, indexes: Indexes, path: str) -> set[str]:
    scope = _scope(query)
    return {mode for of, mode in indexes.single(query.collection_id, path) if of == scope}


def _scope(query: Query) -> str:
    return COLLECTION_GROUP if query.deep else COLLECTION


def _message(query: Query, equalities: set[Equality], end: tuple[IndexField, ...]) -> str:
    _, project, _, database = database_of(query.parent).split("/")
    head = [(path, CONTAINS if contains else ASCENDING) for path, contains in sorted(equalities)]
    wanted = ",".join(f"{path}:{mode}" for path, mode in (*head, *end))
    return (
        "The query requires an index. You can create it here: https://console.firebase.google.com/v1/r/project/"
        f"{project}/firestore/databases/{database}/indexes?create_composite="
        f"{_scope(query)}/{query.collection_id}:{wanted}"
    )
