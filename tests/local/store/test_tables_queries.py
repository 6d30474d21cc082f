from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus._typing import Item
from isthmus.declarations.table import Table
from isthmus.errors import InvalidValueError
from isthmus.page import Page
from isthmus_local.clients.table import TableClient
from isthmus_local.store import keys, queries
from tests.local.store.shop import Shop, declare, opened

WORDS = ["", "a", "a\0", "a\0b", "ab", "a\U0010ffff", "b", "é", "\uffff", "\U00010000", "zz", "%", "_", "A", " "]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path / "state.db") as shop:
        yield shop


@pytest.fixture
def words(shop: Shop) -> TableClient:
    words = shop.table("Words")
    words.put_many({"shelf": "s", "word": word} for word in WORDS if word)
    words.put({"shelf": "t", "word": "other"})
    return words


def field(page: Page[Item], name: str) -> list[Any]:
    return [item[name] for item in page]


def pages(read: Callable[[str | None], Page[Item]]) -> list[Page[Item]]:
    found = [read(None)]
    while found[-1].cursor is not None:
        found.append(read(found[-1].cursor))
    return found


def test_strings_are_in_order_of_their_utf8_bytes(words: TableClient) -> None:
    ordered = sorted(filter(None, WORDS), key=str.encode)

    assert field(words.query("s"), "word") == ordered
    assert field(words.query("s", reverse=True), "word") == ordered[::-1]


@pytest.mark.parametrize("prefix", WORDS)
def test_any_string_is_a_prefix_that_means_itself(words: TableClient, prefix: str) -> None:
    ordered = sorted(filter(None, WORDS), key=str.encode)

    assert field(words.query("s", prefix=prefix), "word") == [word for word in ordered if word.startswith(prefix)]


def test_a_range_includes_both_of_its_ends(words: TableClient) -> None:
    assert field(words.query("s", at_least="a", at_most="ab"), "word") == ["a", "a\0", "a\0b", "ab"]
    assert field(words.query("s", at_least="zz"), "word") == ["zz", "é", "\uffff", "\U00010000"]
    assert field(words.query("s", at_most="%", reverse=True), "word") == ["%", " "]
    assert field(words.query("s", at_least="b", at_most="a"), "word") == []


def test_bytes_are_in_order_and_have_prefixes_up_to_the_last(shop: Shop) -> None:
    blobs = shop.table("Blobs")
    digests = [b"\0", b"\0\0", b"\x7f", b"\xff", b"\xff\0", b"\xff\xff", b"\xff\xff\xff"]
    blobs.put_many({"kind": 1, "digest": digest} for digest in reversed(digests))
    ask: Any = blobs.query  # a prefix of bytes is for tables whose sort field is binary

    assert field(ask(1.0), "digest") == digests
    assert field(ask(1, prefix=b"\xff"), "digest") == digests[3:]
    assert field(ask(1, prefix=b"\xff\xff"), "digest") == digests[5:]
    assert field(ask(1, prefix=b""), "digest") == digests
    assert field(ask(1, prefix=b"\0"), "digest") == digests[:2]


LINES = next(r for r in declare().resources if isinstance(r, Table) and r.name == "Lines")
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(-9e125, 9e125).filter(lambda x: x == 0 or abs(x) >= 1e-130)


@given(NUMBERS, NUMBERS)
def test_the_order_of_a_numbers_bytes_is_the_order_of_the_numbers(one: float, other: float) -> None:
    first, second = (keys.encode(LINES, "n", number) for number in (one, other))

    assert (first < second, first == second) == (one < other, one == other)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), st.binary(max_size=5))
def test_what_follows_a_prefix_is_above_all_that_begin_with_it(text: str, rest: bytes) -> None:
    prefix = text.encode() + rest
    end = keys.after(prefix)

    if end is None:
        assert not prefix.strip(b"\xff")
    else:
        assert all(prefix + more < end for more in (b"", b"\xff", b"\xff" * 9))
        assert not end.startswith(prefix)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"prefix": "a", "at_least": "a"}, "prefix, or at_least and at_most, not both"),
        ({"prefix": 5}, "'word', a key field, is declared as a string, and int is none"),
        ({"at_most": b"a"}, "declared as a string, and bytes is none"),
        ({"at_least": True}, "a key is a str"),
        ({"index": "byAuthor"}, "'Words' has no index 'byAuthor'; it has none"),
        ({"limit": 0}, "a limit is a whole number from 1, not 0"),
        ({"limit": -1}, "not -1"),
        ({"limit": True}, "not True"),
        ({"limit": 1.5}, "not 1.5"),
        ({"cursor": 5}, "a cursor is what a page gave"),
    ],
)
def test_a_query_that_means_nothing_is_refused(words: TableClient, options: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        words.query("s", **options)


def test_a_query_is_told_what_it_may_narrow(shop: Shop) -> None:
    with pytest.raises(InvalidValueError, match="'id' alone has no sort field"):
        shop.table("Orders").query("o1", prefix="a")
    with pytest.raises(InvalidValueError, match="'total' alone has no sort field"):
        shop.table("Orders").query(5, index="byTotal", at_least=1)
    with pytest.raises(InvalidValueError, match="has no index 'byuser'; it has byUser, byTotal"):
        shop.table("Orders").query("ann", index="byuser")
    with pytest.raises(InvalidValueError, match="'n' is a number, which has no prefix"):
        shop.table("Lines").query("a", prefix="1")
    with pytest.raises(InvalidValueError, match="'order', a key field, is empty"):
        shop.table("Lines").query("")


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 14, 15])
def test_pages_join_to_the_whole_and_none_is_empty(words: TableClient, limit: int, reverse: bool) -> None:
    found = pages(lambda cursor: words.query("s", limit=limit, cursor=cursor, reverse=reverse))

    assert [word for page in found for word in field(page, "word")] == field(words.query("s", reverse=reverse), "word")
    assert all(len(page) == limit for page in found[:-1])
    assert 0 < len(found[-1]) <= limit


def test_a_page_ends_with_the_item_that_reaches_a_megabyte(shop: Shop) -> None:
    lines = shop.table("Lines")
    lines.put_many({"order": "a", "n": n, "text": "x" * 300_000} for n in range(9))
    found = pages(lambda cursor: lines.query("a", cursor=cursor))

    assert [len(page) for page in found] == [4, 4, 1]
    assert [len(page) for page in pages(lambda cursor: lines.scan(cursor=cursor))] == [4, 4, 1]


def test_a_page_never_has_more_items_than_keeps_others_waiting(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_ITEMS", 3)
    shop.table("Lines").put_many({"order": "a", "n": n} for n in range(4))

    for limit in (None, 100):
        page = shop.table("Lines").query("a", limit=limit)
        assert (len(page), page.cursor is None) == (3, False)


def test_paging_goes_on_where_it_was_whatever_is_written_meanwhile(shop: Shop) -> None:
    lines = shop.table("Lines")
    lines.put_many({"order": "a", "n": n} for n in range(0, 20, 2))
    first = lines.query("a", limit=5)
    assert field(first, "n") == [0, 2, 4, 6, 8]
    lines.delete(("a", 8))
    lines.delete(("a", 12))
    lines.put_many({"order": "a", "n": n, "new": True} for n in (-1, 3, 9, 10))

    assert field(lines.query("a", cursor=first.cursor), "n") == [9, 10, 14, 16, 18]


def test_a_scan_sees_each_item_once_while_they_change(shop: Shop) -> None:
    orders = shop.table("Orders")
    orders.put_many({"id": f"o{n:02}"} for n in range(30))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = orders.scan(limit=4, cursor=cursor)
        seen += field(page, "id")
        for key in seen:
            orders.update(key, add={"visits": 1})
        cursor = page.cursor
        if cursor is None:
            break

    assert sorted(seen) == [f"o{n:02}" for n in range(30)]


def test_a_scan_reads_its_own_table_alone(shop: Shop) -> None:
    shop.table("Lines").put({"order": "a", "n": 1})
    shop.table("Orders").put({"id": "a"})

    assert list(shop.table("Lines").scan()) == [{"order": "a", "n": 1}]


def test_a_cursor_from_elsewhere_is_refused(shop: Shop) -> None:
    lines, orders = shop.table("Lines"), shop.table("Orders")
    lines.put_many({"order": order, "n": n} for n in range(3) for order in "ab")
    orders.put_many({"id": f"{n}", "user": "ann", "total": n} for n in range(3))
    cursor = lines.query("a", limit=1).cursor
    assert cursor is not None
    raw = bytearray(base64.urlsafe_b64decode(cursor))
    raw[-1] ^= 1

    foreign = [
        lines.scan(limit=1).cursor,
        orders.query("ann", index="byUser", limit=1).cursor,
        lines.query("b", limit=1).cursor,
    ]
    garbage = [
        "",
        "x",
        "é",
        "AAAA",
        "AAAAAAAAAAAAAAAA",
        cursor[:-4],
        cursor + "AAAA",
        base64.urlsafe_b64encode(raw).decode(),
    ]
    for wrong in foreign + garbage:
        with pytest.raises(InvalidValueError, match="the cursor is not from this listing"):
            lines.query("a", cursor=wrong)
    assert field(lines.query("a", limit=1, cursor=cursor), "n") == [1]


@pytest.mark.parametrize("value", [2**64, float("inf"), float("nan"), -(2**70)])
def test_the_store_itself_refuses_a_number_that_has_no_place(value: float) -> None:
    with pytest.raises(InvalidValueError, match="a key"):
        keys.encode(LINES, "n", value)
    with pytest.raises(InvalidValueError, match="lone surrogate at position 1"):
        keys.encode(LINES, "order", "a\ud800")
