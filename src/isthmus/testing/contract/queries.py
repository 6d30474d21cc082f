"""What a table must do when it is read: queries, ranges, indexes, pages and scans."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from isthmus.errors import InvalidValueError, IsthmusError
from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract


class QueryContract(Contract):
    """Queries, indexes and scans."""

    def test_a_query_returns_one_partition_in_order_of_the_sort_field(self, testbed: Testbed, case: str) -> None:
        books = testbed.resource("Books")
        titles = ["b", "a", "Z", "ä", "aa", "a ", "B", "\U0001f600", "\uffff"]
        books.put_many([{"shelf": case, "title": title} for title in titles])
        books.put({"shelf": case + "x", "title": "other"})

        in_order = sorted(titles, key=str.encode)
        assert [book["title"] for book in books.query(case)] == in_order
        assert [book["title"] for book in books.query(case, reverse=True)] == in_order[::-1]

    def test_numbers_are_ordered_as_numbers(self, testbed: Testbed, case: str) -> None:
        readings = testbed.resource("Readings")
        numbers = [10, 9, -1, -10.5, 0, 2**60, 0.25, 2**60 + 1, -1e100, 1e100]
        readings.put_many([{"sensor": case, "at": number} for number in numbers])

        assert [row["at"] for row in readings.query(case)] == sorted(numbers)
        assert [row["at"] for row in readings.query(case, at_least=-1, at_most=9)] == [-1, 0, 0.25, 9]

    def test_bytes_are_ordered_as_unsigned(self, testbed: Testbed, case: str) -> None:
        digests = testbed.resource("Digests")
        parts = [b"\x80", b"\x00", b"\xff\x00", b"\x7f", b"\x00\x00"]
        digests.put_many([{"digest": case.encode(), "part": part} for part in parts])

        assert [row["part"] for row in digests.query(case.encode())] == sorted(parts)

    def test_a_prefix_narrows_the_sort_field(self, testbed: Testbed, case: str) -> None:
        books = testbed.resource("Books")
        titles = ["a", "ab", "abc", "ab\uffff", "ab\U0010ffff", "ac", "ab%", "aB", "ab_"]
        books.put_many([{"shelf": case, "title": title} for title in titles])

        expected = sorted((title for title in titles if title.startswith("ab")), key=str.encode)
        assert [book["title"] for book in books.query(case, prefix="ab")] == expected

    @pytest.mark.parametrize(
        ("bounds", "expected"),
        [
            ({"at_least": "b"}, "bcd"),
            ({"at_most": "b"}, "ab"),
            ({"at_least": "b", "at_most": "c"}, "bc"),
            ({"at_least": "bb"}, "cd"),
            ({"at_least": "d", "at_most": "a"}, ""),
            ({"at_least": "b", "reverse": True}, "dcb"),
        ],
    )
    def test_a_range_includes_its_bounds(
        self, testbed: Testbed, case: str, bounds: dict[str, Any], expected: str
    ) -> None:
        books = testbed.resource("Books")
        books.put_many([{"shelf": case, "title": title} for title in "abcd"])

        assert "".join(book["title"] for book in books.query(case, **bounds)) == expected

    def test_pages_join_to_the_whole_without_a_gap_or_a_duplicate(self, testbed: Testbed, case: str) -> None:
        books = testbed.resource("Books")
        books.put_many([{"shelf": case, "title": f"{n:02}"} for n in range(25)])
        for reverse in (False, True):
            titles: list[str] = []
            sizes: list[int] = []
            cursor: str | None = None
            while not sizes or cursor is not None:
                page = books.query(case, limit=10, cursor=cursor, reverse=reverse)
                titles += [book["title"] for book in page]
                sizes.append(len(page))
                cursor = page.cursor

            assert titles == sorted((f"{n:02}" for n in range(25)), reverse=reverse)
            assert max(sizes) == 10

    def test_a_cursor_survives_the_deletion_of_the_item_it_stands_on(self, testbed: Testbed, case: str) -> None:
        books = testbed.resource("Books")
        books.put_many([{"shelf": case, "title": title} for title in "abcd"])
        page = books.query(case, limit=2)
        books.delete((case, "b"))

        assert [book["title"] for book in books.query(case, limit=2, cursor=page.cursor)] == ["c", "d"]

    def test_a_cursor_that_was_not_given_is_refused(self, testbed: Testbed, case: str) -> None:
        books = testbed.resource("Books")
        for forged in ("nonsense", "", "é", "e30=", "[]"):
            with pytest.raises((IsthmusError, ValueError)):
                books.query(case, cursor=forged)

    def test_an_index_follows_in_its_own_order(self, testbed: Testbed, case: str) -> None:
        items = testbed.resource("Items")
        items.put_many([{"id": f"{case}-{n}", "owner": case, "rank": 10 - n} for n in range(5)])
        items.put({"id": case + "unranked", "owner": case})

        ranks = self.eventually(lambda: _ranks(items, case, 5), "five index entries")
        assert ranks == [6, 7, 8, 9, 10]
        assert [item["rank"] for item in items.query(case, index="byOwner", at_least=8, reverse=True)] == [10, 9, 8]
        assert [item["rank"] for item in items.query(case, index="byOwner", limit=2)] == [6, 7]

    def test_an_index_forgets_what_no_longer_belongs(self, testbed: Testbed, case: str) -> None:
        items = testbed.resource("Items")
        items.put_many([{"id": f"{case}-{n}", "owner": case, "rank": n} for n in range(3)])
        self.eventually(lambda: _ranks(items, case, 3))
        items.delete(f"{case}-0")
        items.update(f"{case}-1", set={"owner": case + "other"})
        items.update(f"{case}-2", set={"rank": 7})

        self.eventually(lambda: _ranks(items, case, 1) == [7])
        self.eventually(lambda: _ranks(items, case + "other", 1) == [1])

    def test_pages_of_an_index_with_equal_sort_values_join_to_the_whole(self, testbed: Testbed, case: str) -> None:
        items = testbed.resource("Items")
        items.put_many([{"id": f"{case}-{n}", "owner": case, "rank": n // 4, "label": case} for n in range(12)])
        self.eventually(lambda: _ranks(items, case, 12))
        for index in ("byOwner", "byLabel"):
            self.eventually(partial(_has, items, case, index, 12))
            found: list[str] = []
            cursor: str | None = None
            while not found or cursor is not None:
                page = items.query(case, index=index, limit=5, cursor=cursor)
                found += [item["id"] for item in page]
                cursor = page.cursor

            assert sorted(found) == sorted(f"{case}-{n}" for n in range(12))

    def test_an_unknown_index_is_refused_with_the_known_ones(self, testbed: Testbed, case: str) -> None:
        with pytest.raises(IsthmusError, match="byOwner"):
            testbed.resource("Items").query(case, index="byNobody")

    def test_a_range_of_the_wrong_type_is_refused(self, testbed: Testbed, case: str) -> None:
        with pytest.raises(InvalidValueError):
            testbed.resource("Readings").query(case, at_least="a")
        with pytest.raises(InvalidValueError):
            testbed.resource("Items").query(case, prefix="x")

    def test_a_scan_finds_every_item_page_by_page(self, testbed: Testbed, case: str) -> None:
        digests = testbed.resource("Digests")
        mine = {f"{case}-{n}".encode() for n in range(30)}
        digests.put_many([{"digest": digest, "part": b"0"} for digest in mine])
        found: list[bytes] = []
        cursor: str | None = None
        while not found or cursor is not None:
            page = digests.scan(limit=7, cursor=cursor)
            found += [row["digest"] for row in page]
            cursor = page.cursor

        assert mine <= set(found)
        assert len([digest for digest in found if digest in mine]) == len(mine)


def _has(items: Any, partition: str, index: str, count: int) -> bool:
    """Say whether an index has `count` items of a partition."""
    return len(items.query(partition, index=index)) == count


def _ranks(items: Any, owner: str, count: int) -> list[int]:
    """Return the ranks by owner once the index has `count` of them; nothing before."""
    ranks = [item["rank"] for item in items.query(owner, index="byOwner")]
    return ranks if len(ranks) == count else []
