from __future__ import annotations

import pytest

from isthmus_local.byte_range import UNSATISFIABLE, byte_range


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=2-4", (2, 3)),
        ("bytes=2-", (2, 8)),
        ("bytes=2-999", (2, 8)),
        ("bytes=-3", (7, 3)),
        ("bytes=-999", (0, 10)),
        ("Bytes= 1-2", (1, 2)),
    ],
)
def test_a_single_range_is_understood(header: str, part: tuple[int, int]) -> None:
    assert byte_range(header, 10) == part


@pytest.mark.parametrize(
    "header",
    [
        *("", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=4-2", "bytes=0-1,3-4", "lines=1-2", "bytes=1--2"),
        *("bytes=\u0663-", f"bytes={'9' * 5000}-"),
    ],
)
def test_what_is_malformed_or_several_ranges_means_the_whole(header: str) -> None:
    assert byte_range(header, 10) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-5", 0)])
def test_a_range_past_the_end_is_unsatisfiable(header: str, size: int) -> None:
    assert byte_range(header, size) == UNSATISFIABLE
