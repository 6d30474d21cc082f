"""Tables on Firestore and on the laptop, asked the same at random: they agree on every answer and every refusal."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isthmus import conditions, ports
from isthmus.conditions import Condition, same
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.errors import IsthmusError
from isthmus.ports import Table
from isthmus.providers import find
from isthmus.table_writes import Check, Delete, Put, Update, Write
from isthmus.testing.faults import Faults
from tests.emulators.gcp.firestore.process import Firestore
from tests.gcp.clients.tables import Tables, target

QUIET = Faults(index_lag=0.0)

Action = Callable[[Table, str], Any]
"""Something asked of a table, with a prefix that keeps one example's keys from another's."""

SCALARS: tuple[Any, ...] = (
    *(None, True, False, 0, 1, 2, -1, 0.5, 1.0, -0.0, 2**63 - 1, -(2**63), 2**53 + 1, 1e20, "", "a", "ab", "b"),
    *(b"", b"a", b"ab"),
)
VALUES: tuple[Any, ...] = (
    *SCALARS,
    *([], [1, "a", None], ["a", [b"a", []]], {}, {"k": 1}, {"_k": {"~k": [1.0]}}, {"_list": [[1]]}),
    *(2**63, float("nan"), (1,), "\ud800"),
)
"""What attributes may be, and what they may not."""

NAMES: tuple[str, ...] = (
    "v",
    "_w",
    "~size",
    "a.b",
    "`",
    "owner",
    "rank",
    "label",
    "expires",
    "_ttl",
    "_key",
    "__name__",
)
AMOUNTS: tuple[int | float, ...] = (0, 1, -1, 0.5, -2.5, 2**62, -(2**62))
OWNERS = ("a", "b", "é" * 1000)
RANKS = (0, 1, 2, 2.0, 0.5, -1, 2**53, 2**53 + 1, float(2**53), 2**63 - 1, -(2**63), 1e18, -1e100)
LONG = "x" * 1600


def declare(_target: Target) -> App:
    app = App("agreement")
    app.table(
        "Items",
        fields={"id": "string", "owner": "string", "rank": "number", "label": "string"},
        primary_index="id",
        global_indexes={"byOwner": ("owner", "rank"), "byLabel": "label"},
        ttl="expires",
    )
    fields = {"shelf": "string", "title": "string", "at": "number", "part": "binary"}
    app.table("Books", fields=fields, primary_index=("shelf", "title"))
    app.table("Readings", fields=fields, primary_index=("shelf", "at"))
    app.table("Digests", fields=fields, primary_index=("shelf", "part"))
    return app


@pytest.fixture(scope="module")
def cloud(firestore: Firestore) -> Iterator[Tables]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in firestore.environment.items():
            environment.setenv(name, value)
        yield Tables(firestore, declare(target()))


@pytest.fixture(scope="module")
def laptop() -> Iterator[ports.Testbed]:
    testbed = find("local").testbed(declare, faults=QUIET)
    yield testbed
    testbed.close()


def attribute(name: str) -> st.SearchStrategy[Any]:
    """Return values for an attribute: mostly such as its indexes take."""
    usual: Mapping[str, Sequence[Any]] = {
        "rank": RANKS,
        "owner": OWNERS,
        "label": ("a", LONG),
        "expires": (1, 10**11, "never"),
    }
    common = st.sampled_from(usual.get(name, VALUES))
    return st.one_of(common, common, common, st.sampled_from(VALUES))


ids = st.sampled_from("abc")
attributes = st.lists(st.sampled_from(NAMES), max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: attribute(name) for name in names})
)
some_names = st.lists(st.sampled_from(NAMES), max_size=2, unique=True)
flags = st.sampled_from((False, False, True))


@st.composite
def wanted(draw: st.DrawFn) -> Any:
    """Return a condition, or a plain value."""
    op = draw(st.sampled_from(("", *conditions._HOLDS)))  # pyright: ignore[reportPrivateUsage] # each one there is
    value = draw(st.sampled_from(VALUES))
    try:
        return Condition(op, None if op in ("present", "missing") else value) if op else value
    except IsthmusError:
        return value


matches: st.SearchStrategy[Any] = st.none() | st.dictionaries(st.sampled_from(NAMES), wanted(), min_size=1, max_size=2)


@st.composite
def puts(draw: st.DrawFn) -> Callable[[str], Put]:
    id, made, absent, match = draw(ids), draw(attributes), draw(flags), draw(matches)
    return lambda prefix: Put({"id": prefix + id, **made}, if_absent=absent, if_match=match)


@st.composite
def updates(draw: st.DrawFn) -> Callable[[str], Update]:
    id, made, removed, exists, match = draw(ids), draw(attributes), draw(some_names), draw(flags), draw(matches)
    added = draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(AMOUNTS), max_size=2))
    return lambda prefix: Update(prefix + id, set=made, add=added, remove=removed, if_exists=exists, if_match=match)


@st.composite
def deletes(draw: st.DrawFn) -> Callable[[str], Delete]:
    id, match = draw(ids), draw(matches)
    return lambda prefix: Delete(prefix + id, if_match=match)


@st.composite
def checks(draw: st.DrawFn) -> Callable[[str], Check]:
    id, match, absent = draw(ids), draw(matches), draw(flags)
    return lambda prefix: Check(prefix + id, if_match=match, if_absent=absent)


def alone(write: Write, items: Table) -> Any:
    """Do a write by the method of its name."""
    if isinstance(write, Put):
        return items.put(write.item, if_absent=write.if_absent, if_match=write.if_match)
    if isinstance(write, Delete):
        return items.delete(write.key, if_match=write.if_match)
    assert isinstance(write, Update)
    return items.update(
        write.key,
        set=write.set,
        add=write.add,
        remove=write.remove,
        if_exists=write.if_exists,
        if_match=write.if_match,
    )


def single(write: Callable[[str], Write]) -> Action:
    return lambda items, prefix: alone(write(prefix), items)


def together(writes: Sequence[Callable[[str], Write]]) -> Action:
    return lambda items, prefix: items.transact([write(prefix) for write in writes])


def got(chosen: Sequence[str]) -> Action:
    return lambda items, prefix: [
        items.get_many([prefix + id for id in chosen]),
        [items.get(prefix + id) for id in chosen],
    ]


@st.composite
def listings(draw: st.DrawFn) -> Action:
    owner, reverse = draw(st.sampled_from(OWNERS)), draw(flags)
    bound = st.none() | st.sampled_from(RANKS)
    bounds: dict[str, Any] = {"at_least": draw(bound), "at_most": draw(bound)}

    def ask(items: Table, prefix: str) -> Any:
        found = items.query(owner, index="byOwner", reverse=reverse, **bounds)
        ours = [item for item in found if item["id"].startswith(prefix)]
        return [item["rank"] for item in ours], sorted(ours, key=lambda item: str(item["id"]))

    return ask


@st.composite
def labelled(draw: st.DrawFn) -> Action:
    label = draw(st.sampled_from(("a", LONG)))

    def ask(items: Table, prefix: str) -> Any:
        found = [item for item in items.query(label, index="byLabel") if item["id"].startswith(prefix)]
        return sorted(found, key=lambda item: str(item["id"]))

    return ask


actions = st.one_of(
    puts().map(single),
    puts().map(single),
    updates().map(single),
    updates().map(single),
    deletes().map(single),
    st.lists(puts() | updates() | deletes() | checks(), min_size=1, max_size=3).map(together),
    st.lists(ids, min_size=1, max_size=4).map(got),
    listings(),
    labelled(),
)


def outcome(action: Callable[[], Any]) -> Any:
    """Return what an action comes to: an answer, or the name of the error."""
    try:
        return action()
    except IsthmusError as error:
        return type(error).__name__


def agree(answer: Any, expected: Any) -> bool:
    """Say whether two outcomes are one; of two reasons for a refusal, either may be told."""
    refusals = ("ConditionFailedError", "InvalidValueError")
    return same(answer, expected) or answer == expected or (answer in refusals and expected in refusals)


often = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@often
@given(asked=st.lists(actions, min_size=8, max_size=25))
def test_both_give_the_same_answers(cloud: Tables, laptop: ports.Testbed, asked: Sequence[Action]) -> None:
    prefix = uuid.uuid4().hex
    ours, theirs = cloud.resource("Items"), laptop.resource("Items")
    for number, action in enumerate(asked):
        answer = outcome(lambda: action(ours, prefix))  # noqa: B023 - asked at once
        expected = outcome(lambda: action(theirs, prefix))  # noqa: B023

        assert agree(answer, expected), (number, answer, expected)


texts = st.text(alphabet="ab\x00\x7f\x80\ud7ff\ue000\uffff\U00010000\U0010ffff", min_size=1, max_size=4)
binaries = st.binary(min_size=1, max_size=4) | st.sampled_from((b"\xff", b"\xff\xff", b"\x00", b"a" * 1024))
numbers = (
    st.integers(-(2**63), 2**63 - 1)
    | st.sampled_from(RANKS)
    | st.floats(-1e100, 1e100).filter(lambda number: not number or abs(number) > 1e-100)
)
SORTED: Mapping[str, tuple[str, st.SearchStrategy[Any]]] = {
    "Books": ("title", texts),
    "Readings": ("at", numbers),
    "Digests": ("part", binaries),
}


@pytest.mark.parametrize("table", SORTED)
@often
@given(data=st.data())
def test_both_list_in_the_same_order(cloud: Tables, laptop: ports.Testbed, table: str, data: st.DataObject) -> None:
    field, values = SORTED[table]
    shelf = uuid.uuid4().hex + data.draw(st.sampled_from(("", LONG)), "partition")
    kept = data.draw(st.lists(values, max_size=12), "kept")
    bound = st.none() | values
    if table == "Readings":
        options: dict[str, Any] = {"at_least": data.draw(bound), "at_most": data.draw(bound)}
    else:
        options = data.draw(
            st.fixed_dictionaries({"prefix": values | st.sampled_from(("", b""))})
            | st.fixed_dictionaries({"at_least": bound, "at_most": bound})
        )
    reverse, limit = data.draw(flags), data.draw(st.sampled_from((1, 2, 5, None)))
    answers: list[Any] = []
    for tables in (cloud, laptop):
        books = tables.resource(table)
        books.put_many([{"shelf": shelf, field: value, "n": number} for number, value in enumerate(kept)])
        answers.append(outcome(lambda: paged(books, shelf, reverse=reverse, limit=limit, **options)))  # noqa: B023

    assert agree(*answers), answers


def paged(books: Table, shelf: str, **options: Any) -> list[list[Any]]:
    """Return the pages of a query."""
    pages: list[list[Any]] = []
    cursor: str | None = None
    while not pages or cursor is not None:
        page = books.query(shelf, cursor=cursor, **options)
        pages.append(list(page))
        cursor = page.cursor
    return pages
