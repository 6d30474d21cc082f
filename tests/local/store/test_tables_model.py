"""A table against a dict: whatever is done to both, they stay the same."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from isthmus import conditions
from isthmus.conditions import at_least, begins_with, contains, differs, less_than, missing, present
from isthmus.declarations.app import App
from isthmus.errors import ConditionFailedError
from isthmus.page import Page
from isthmus.table_writes import Check, Delete, Put, Update, Write
from isthmus_local.clients.table import TableClient
from isthmus_local.store import definitions
from tests.local.store.shop import Shop, opened

TAGS = ["x", "x\0"]
NAMES = st.sampled_from(TAGS)
NUMBERS = st.sampled_from([-1.5, -(2**63), 1, 1.0, 2**53 + 1])
KEYS = st.tuples(NAMES, NUMBERS)
VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, -7, 0.25, "", "a", "ab", "\0b", b"", b"a", b"\0"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "\0b", "b"]), inner, max_size=2),
    max_leaves=4,
)
INDEXED = st.fixed_dictionaries({"tag": NAMES, "rank": NUMBERS}, optional={"v": VALUES})
ATTRIBUTES = INDEXED | st.fixed_dictionaries({}, optional={"tag": NAMES, "rank": NUMBERS, "v": VALUES, "w": VALUES})
CONDITIONS = st.one_of(
    VALUES,
    VALUES.map(differs),
    VALUES.map(contains),
    st.sampled_from(
        [present(), missing(), at_least(0), less_than(1), at_least("a"), begins_with("a"), begins_with(b"")]
    ),
)
MATCHES = st.none() | st.dictionaries(st.sampled_from(["v", "w", "tag", "group"]), CONDITIONS, min_size=1, max_size=2)
LIMITS = st.sampled_from([None, 1, 2, 3])

Place = tuple[str, float]
Item = dict[str, Any]


def declare() -> App:
    app = App("model")
    table = app.table(
        "T",
        fields={"group": "string", "n": "number", "tag": "string", "rank": "number"},
        primary_index=("group", "n"),
        global_indexes={"byTag": ("tag", "rank"), "byRank": "rank"},
    )
    table.subscribe("model.changed")
    return app


class TableModel(RuleBasedStateMachine):
    @initialize(items=st.dictionaries(KEYS, INDEXED, max_size=8))
    def open(self, items: dict[Place, Item]) -> None:
        self.closing = ExitStack()
        self.path = Path(self.closing.enter_context(tempfile.TemporaryDirectory())) / "state.db"
        self.rows: dict[Place, Item] = {}
        self.told: list[tuple[Item | None, Item | None]] = []
        self._start()
        for key, attributes in items.items():
            self.put(key, attributes, False, None)

    def _start(self) -> None:
        self.running = ExitStack()
        self.shop: Shop = self.running.enter_context(opened(self.path, declare()))
        self.shop.do(definitions.prepare, self.shop.declared("T"))
        self.table: TableClient = self.shop.table("T")

    def teardown(self) -> None:
        if hasattr(self, "closing"):
            self.running.close()
            self.closing.close()

    def _allowed(self, key: Place, match: Any, *, absent: bool = False, exists: bool = False) -> bool:
        old = self.rows.get(key)
        if absent:
            return old is None
        return (old is not None or not exists) and (match is None or conditions.holds(match, old))

    def _expect(self, allowed: bool, act: Any) -> Any:
        try:
            result = act()
        except ConditionFailedError:
            assert not allowed
            return None
        assert allowed
        return result

    def _write(self, key: Place, new: Item | None) -> None:
        old = self.rows.get(key)
        if not conditions.same(old, new):
            self.told.append((old, new))
        if new is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = new

    @rule(key=KEYS, attributes=ATTRIBUTES, absent=st.booleans(), match=MATCHES)
    def put(self, key: Place, attributes: Item, absent: bool, match: Any) -> None:
        item = {"group": key[0], "n": key[1], **attributes}
        match = None if absent else match
        allowed = self._allowed(key, match, absent=absent)
        self._expect(allowed, lambda: self.table.put(item, if_absent=absent, if_match=match))
        if allowed:
            self._write(key, item)

    @rule(
        key=KEYS,
        set_=ATTRIBUTES,
        remove=st.sets(st.sampled_from(["v", "tag", "rank", "gone"])),
        exists=st.booleans(),
        match=MATCHES,
    )
    def update(self, key: Place, set_: Item, remove: set[str], exists: bool, match: Any) -> None:
        names = [name for name in sorted(remove) if name not in set_]
        allowed = self._allowed(key, match, exists=exists)
        new = self._expect(
            allowed, lambda: self.table.update(key, set=set_, remove=names, if_exists=exists, if_match=match)
        )
        if allowed:
            before = self.rows.get(key, {"group": key[0], "n": key[1]})
            expected = {name: value for name, value in before.items() if name not in names} | set_
            assert conditions.same(new, expected)
            self._write(key, expected)

    @rule(key=KEYS, amount=st.integers(-5, 5) | st.sampled_from([0.5, -0.25]))
    def add(self, key: Place, amount: float) -> None:
        new = self.table.update(key, add={"sum": amount})
        old = self.rows.get(key, {"group": key[0], "n": key[1]})
        expected = {**old, "sum": old.get("sum", 0) + amount}

        assert conditions.same(new, expected)
        self._write(key, expected)

    @rule(key=KEYS, match=MATCHES)
    def delete(self, key: Place, match: Any) -> None:
        allowed = self._allowed(key, match)
        old = self._expect(allowed, lambda: self.table.delete(key, if_match=match))
        if allowed:
            assert conditions.same(old, self.rows.get(key))
            self._write(key, None)

    @rule(keys=st.lists(KEYS, min_size=4, max_size=4, unique=True), attributes=ATTRIBUTES, match=MATCHES)
    def transact(self, keys: list[Place], attributes: Item, match: Any) -> None:
        made, changed, gone, seen = keys
        item = {"group": made[0], "n": made[1], **attributes}
        writes: list[Write] = [
            Put(item),
            Update(changed, set={"v": 1}, if_match=match),
            Delete(gone),
            Check(seen, if_absent=True),
        ]
        allowed = self._allowed(changed, match) and seen not in self.rows
        self._expect(allowed, lambda: self.table.transact(writes))
        if allowed:
            self._write(made, item)
            self._write(changed, {**self.rows.get(changed, {"group": changed[0], "n": changed[1]}), "v": 1})
            self._write(gone, None)

    @rule(keys=st.lists(KEYS, max_size=5))
    def get(self, keys: list[Place]) -> None:
        assert conditions.same(self.table.get_many(keys), [self.rows.get(key) for key in keys])
        assert all(conditions.same(self.table.get(key), self.rows.get(key)) for key in keys)

    def _pages(self, read: Callable[..., Page[Item]], *args: Any, **options: Any) -> list[Item]:
        page = read(*args, **options)
        items = list(page)
        while page.cursor is not None:
            page = read(*args, **options, cursor=page.cursor)
            assert page.items
            items += page
            assert len(items) <= len(self.rows)  # a cursor that leads back would go on for ever
        return items

    @rule(group=NAMES, low=st.none() | NUMBERS, high=st.none() | NUMBERS, reverse=st.booleans(), limit=LIMITS)
    def query(self, group: str, low: float | None, high: float | None, reverse: bool, limit: int | None) -> None:
        found = self._pages(self.table.query, group, at_least=low, at_most=high, reverse=reverse, limit=limit)
        places = [(name, n) for name, n in self.rows if name == group and _between(n, low, high)]

        assert conditions.same(found, [self.rows[place] for place in sorted(places, reverse=reverse)])

    @rule(rank=NUMBERS)
    def query_number(self, rank: float) -> None:
        found = {(item["group"], item["n"]) for item in self.table.query(rank, index="byRank")}

        assert found == {place for place, row in self.rows.items() if "rank" in row and row["rank"] == rank}

    @rule(limit=LIMITS)
    def scan(self, limit: int | None) -> None:
        found = self._pages(self.table.scan, limit=limit)
        by_place = {(item["group"], item["n"]): item for item in found}

        assert len(by_place) == len(found)
        assert conditions.same(
            {repr(p): by_place.get(p) for p in self.rows}, {repr(p): r for p, r in self.rows.items()}
        )
        assert len(found) == len(self.rows)

    @precondition(lambda self: bool(self.rows))
    @rule()
    def restart(self) -> None:
        self.running.close()
        self._start()

    @invariant()
    def the_index_agrees(self) -> None:
        for tag in TAGS if hasattr(self, "shop") else ():
            rows = [row for row in self.rows.values() if row.get("tag") == tag and "rank" in row]
            rows.sort(key=lambda row: (row["rank"], row["group"].encode(), row["n"]))
            assert conditions.same(self._pages(self.table.query, tag, index="byTag", limit=2), rows)
            assert conditions.same(self._pages(self.table.query, tag, index="byTag", limit=3, reverse=True), rows[::-1])

    @invariant()
    def every_change_was_told_once(self) -> None:
        if not hasattr(self, "shop"):
            return
        changes = self.shop.changes("T")
        assert len(changes) == len(self.told)
        for change, (old, new) in zip(changes, self.told, strict=True):
            assert conditions.same([change["old"], change["new"]], [old, new])


def _between(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


TestTableModel = TableModel.TestCase
TestTableModel.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
