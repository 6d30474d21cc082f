"""Tables on DynamoDB and on the laptop, asked the same at random: they agree on every answer and every refusal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from isthmus import conditions, ports
from isthmus.conditions import Condition, same
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.errors import IsthmusError
from isthmus.ports import Table
from isthmus.providers import find
from isthmus.table_writes import Check, Delete, Put, Update
from isthmus.testing.faults import Faults
from tests.aws.clients.tables import Tables, target
from tests.emulators.aws.ministack import Ministack

STEPS = 150
QUIET = Faults(index_lag=0.0)

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, 2, -1, 0.5, 1.0, -0.0, 2**63 - 1, -(2**63), 1e20, "", "a", "ab", "b", b"", b"a", b"ab"),
    *([], [1, "a", None], ["a", [b"a"]], {}, {"k": 1}, {"k": {"k": [1.0]}}, 2**63, float("nan"), (1,), "\ud800"),
)
"""What attributes may be, and what they may not."""

NAMES = ("v", "w", "size", "a.b", "owner", "rank", "label", "expires")
AMOUNTS = (0, 1, -1, 0.5, -2.5, 2**62, -(2**62))
BOUNDS = (None, None, None, "", "a", "ab", "b", 5)


def declare(_target: Target) -> App:
    app = App("agreement")
    app.table(
        "Items",
        fields={"id": "string", "owner": "string", "rank": "number"},
        primary_index="id",
        global_indexes={"byOwner": ("owner", "rank")},
        ttl="expires",
    )
    app.table("Books", fields={"shelf": "string", "title": "string"}, primary_index=("shelf", "title"))
    return app


@pytest.fixture(scope="module")
def cloud(ministack: Ministack) -> Iterator[Tables]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in ministack.environment.items():
            environment.setenv(name, value)
        yield Tables(ministack, declare(target()), "agreement-")


@pytest.fixture(scope="module")
def laptop() -> Iterator[ports.Testbed]:
    testbed = find("local").testbed(declare, faults=QUIET)
    yield testbed
    testbed.close()


class Chance:
    """What is asked next: everything from one seed, and from few keys, so that writes meet one another."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.prefix = f"{seed}-{time.time_ns()}-"

    def key(self) -> str:
        return self.prefix + self.random.choice("abc")

    def value(self) -> Any:
        return self.random.choice(VALUES)

    def attributes(self) -> dict[str, Any]:
        chosen = self.random.sample(NAMES, self.random.randint(0, 3))
        return {name: self.attribute(name) for name in chosen}

    def attribute(self, name: str) -> Any:
        if self.random.random() < 0.2:
            return self.value()
        if name == "expires":
            return self.random.choice((1, time.time() + 3600, "never"))
        return self.random.randint(0, 3) if name in ("rank", "v") else self.random.choice("ab")

    def condition(self) -> Any:
        op = self.random.choice(("", *conditions._HOLDS))  # pyright: ignore[reportPrivateUsage] # each one there is
        try:
            return Condition(op, None if op in ("present", "missing") else self.value()) if op else self.value()
        except IsthmusError:
            return self.value()

    def match(self) -> dict[str, Any] | None:
        if self.random.random() < 0.5:
            return None
        return {name: self.condition() for name in self.random.sample(NAMES, self.random.randint(1, 2))}

    def put(self) -> Put:
        item = {"id": self.key(), **self.attributes()}
        return Put(item, if_absent=self.random.random() < 0.3, if_match=self.match())

    def update(self) -> Update:
        return Update(
            self.key(),
            set=self.attributes(),
            add={name: self.random.choice(AMOUNTS) for name in self.random.sample(NAMES, self.random.randint(0, 2))},
            remove=self.random.sample(NAMES, self.random.randint(0, 2)),
            if_exists=self.random.random() < 0.3,
            if_match=self.match(),
        )

    def delete(self) -> Delete:
        return Delete(self.key(), if_match=self.match())

    def check(self) -> Check:
        return Check(self.key(), if_match=self.match(), if_absent=self.random.random() < 0.3)


def put(chance: Chance) -> Callable[[Table, Table], Any]:
    write = chance.put()
    return lambda items, _books: items.put(write.item, if_absent=write.if_absent, if_match=write.if_match)


def update(chance: Chance) -> Callable[[Table, Table], Any]:
    write = chance.update()
    options: dict[str, Any] = {name: getattr(write, name) for name in ("set", "add", "remove", "if_exists", "if_match")}
    return lambda items, _books: items.update(write.key, **options)


def delete(chance: Chance) -> Callable[[Table, Table], Any]:
    write = chance.delete()
    return lambda items, _books: items.delete(write.key, if_match=write.if_match)


def transact(chance: Chance) -> Callable[[Table, Table], Any]:
    kinds: list[Callable[[], Any]] = [chance.put, chance.update, chance.delete, chance.check]
    writes = [chance.random.choice(kinds)() for _ in range(chance.random.randint(1, 3))]
    return lambda items, _books: items.transact(writes)


def get(chance: Chance) -> Callable[[Table, Table], Any]:
    keys: list[Any] = [chance.key() for _ in range(3)]
    return lambda items, _books: [items.get(keys[0]), items.get_many(keys)]


def index(chance: Chance) -> Callable[[Table, Table], Any]:
    bounds: dict[str, Any] = {name: chance.random.choice((None, 0, 1, 2, 2.5)) for name in ("at_least", "at_most")}
    reverse, owner = chance.random.random() < 0.5, chance.random.choice("ab")

    def ask(items: Table, _books: Table) -> Any:
        found = items.query(owner, index="byOwner", reverse=reverse, **bounds)
        ours = [item for item in found if item["id"].startswith(chance.prefix)]
        return [item["rank"] for item in ours], sorted(ours, key=lambda item: str(item["id"]))

    return ask


def shelve(chance: Chance) -> Callable[[Table, Table], Any]:
    book = {"shelf": chance.prefix, "title": "".join(chance.random.choices("ab\uffff\U0001f600", k=2))}
    return lambda _items, books: books.put(book)


def browse(chance: Chance) -> Callable[[Table, Table], Any]:
    options: dict[str, Any] = {name: chance.random.choice(BOUNDS) for name in ("prefix", "at_least", "at_most")}
    options |= {"reverse": chance.random.random() < 0.5, "limit": chance.random.choice((None, 1, 2, 100))}
    return lambda _items, books: [book["title"] for book in books.query(chance.prefix, **options)]


ACTIONS = (put, put, update, update, update, delete, transact, transact, get, index, shelve, browse)


def outcome(action: Callable[[Table, Table], Any], items: Table, books: Table) -> Any:
    """Return what an action comes to: an answer, or the name of the error."""
    try:
        return action(items, books)
    except IsthmusError as error:
        return type(error).__name__


def agree(answer: Any, expected: Any) -> bool:
    """Say whether two outcomes are one; of two reasons for a refusal, either may be told."""
    refusals = ("ConditionFailedError", "InvalidValueError")
    return same(answer, expected) or answer == expected or (answer in refusals and expected in refusals)


@pytest.mark.parametrize("seed", range(3))
def test_both_give_the_same_answers(cloud: Tables, laptop: ports.Testbed, seed: int) -> None:
    chance = Chance(seed)
    ours = cloud.resource("Items"), cloud.resource("Books")
    theirs = laptop.resource("Items"), laptop.resource("Books")
    counts: dict[str, int] = {}
    for number in range(STEPS):
        kind = chance.random.choice(ACTIONS)
        action = kind(chance)
        answer, expected = outcome(action, *ours), outcome(action, *theirs)

        assert agree(answer, expected), (number, kind.__name__, answer, expected)
        counts[str(answer)[:20]] = counts.get(str(answer)[:20], 0) + 1
    assert counts["ConditionFailedError"] > 5
    assert counts["InvalidValueError"] > 5
