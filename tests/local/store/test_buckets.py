from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.errors import ConditionFailedError, InvalidValueError, TooLargeError
from isthmus_local.store import buckets
from isthmus_local.store.objects import OBJECT_LIMIT
from tests.local.desk import NOON, Desk

AWKWARD = [
    "a b+c%2F.txt",
    "d/../x",
    "d/..",
    "/",
    "/leading",
    "emoji-\N{PILE OF POO}",
    "nul\0inside",
    "tab\tnew\nline",
    "%",
    "_",
]


def shop() -> App:
    app = App("shop")
    app.bucket("Files")
    app.bucket("Kept", versioned=True)
    app.bucket("Other")
    return app


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(shop(), tmp_path)
    yield desk
    desk.database.close()


def put(desk: Desk, key: str, body: bytes = b"x", *, bucket: str = "Files", **options: Any) -> Any:
    with desk.objects.begin(bucket) as upload:
        upload.write(body)
        upload.finish()
    given: dict[str, Any] = {"content_type": "text/plain", "metadata": {}, "if_absent": False, **options}
    return desk.do(buckets.put, desk.resource(bucket), key, upload.file, upload.size, upload.etag, *given.values())


def keys(desk: Desk, prefix: str = "", *, limit: int = 1000) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        rows, cursor = desk.do(buckets.listing, desk.resource("Files"), prefix, limit, cursor)
        assert len(rows) <= limit
        found += [row[0] for row in rows]
        if cursor is None:
            return found


def subscribed(desk: Desk, bucket: str, **options: Any) -> str:
    name = f"Handler{len(desk.app.subscriptions)}"
    desk.resource(bucket).subscribe("functions.files.stored", name=name, **options)
    assert desk.app.problems == []
    return f"{bucket}>{name}"


def test_what_is_put_is_known(desk: Desk) -> None:
    row = put(desk, "a", b"abc", metadata={"by": "ann"})

    assert row[:2] == ("a", 3)
    assert row[3:] == ("text/plain", NOON, {"by": "ann"})
    assert desk.do(buckets.head, desk.resource("Files"), "a") == row
    assert desk.do(buckets.head, desk.resource("Other"), "a") is None


@pytest.mark.parametrize("key", AWKWARD)
def test_an_awkward_key_is_kept_as_it_is(desk: Desk, key: str) -> None:
    put(desk, key, b"abc")

    assert keys(desk) == [key]
    assert keys(desk, key) == [key]
    assert desk.do(buckets.head, desk.resource("Files"), key)[0] == key
    assert desk.do(buckets.delete, desk.resource("Files"), key) is True
    assert keys(desk) == []


@pytest.mark.parametrize("key", ["", "x" * 1025, "\N{PILE OF POO}" * 257, "\ud800", 7, None, b"bytes"])
def test_what_is_no_key_is_refused(desk: Desk, key: Any) -> None:
    with pytest.raises(InvalidValueError):
        put(desk, key)

    assert keys(desk) == []


def test_a_key_may_have_1024_bytes(desk: Desk) -> None:
    longest = "\N{PILE OF POO}" * 256
    put(desk, longest)

    assert keys(desk, longest) == [longest]


def test_an_overwrite_loses_its_file_after_the_commit_and_not_before(desk: Desk) -> None:
    put(desk, "a", b"old")
    put(desk, "a", b"newer")

    assert [path.read_bytes() for path in desk.files()] == [b"newer"]
    assert desk.do(buckets.head, desk.resource("Files"), "a")[1] == 5


def test_if_absent_refuses_a_key_that_is_taken_and_changes_nothing(desk: Desk) -> None:
    first = put(desk, "a", b"first", if_absent=True)

    with pytest.raises(ConditionFailedError):
        put(desk, "a", b"second", if_absent=True)

    assert desk.do(buckets.head, desk.resource("Files"), "a") == first


def test_a_delete_says_whether_there_was_anything(desk: Desk) -> None:
    put(desk, "a")

    assert desk.do(buckets.delete, desk.resource("Files"), "a") is True
    assert desk.do(buckets.delete, desk.resource("Files"), "a") is False
    assert desk.files() == []


def test_a_versioned_bucket_keeps_what_is_overwritten_or_deleted(desk: Desk) -> None:
    for body in (b"one", b"two", b"three"):
        put(desk, "a", body, bucket="Kept")
    desk.do(buckets.delete, desk.resource("Kept"), "a")

    assert sorted(path.read_bytes() for path in desk.files()) == [b"one", b"three", b"two"]
    assert desk.do(buckets.head, desk.resource("Kept"), "a") is None
    assert len(desk.do(buckets.files)) == 3
    assert desk.objects.sweep(desk.do(buckets.files)) == 0


def test_a_crash_between_the_file_and_the_row_leaves_only_garbage_which_a_sweep_removes(
    desk: Desk, tmp_path: Path
) -> None:
    put(desk, "a", b"kept")
    with desk.objects.begin("Files") as upload:
        upload.write(b"its row was never committed")
        upload.finish()
    desk.database.close()

    restarted = Desk(shop(), tmp_path)
    assert restarted.objects.sweep(restarted.do(buckets.files)) == 1

    assert [path.read_bytes() for path in restarted.files()] == [b"kept"]
    assert keys(restarted) == ["a"]
    restarted.database.close()


def test_a_crash_between_the_commit_and_the_removal_is_mended_by_the_sweep(desk: Desk, tmp_path: Path) -> None:
    put(desk, "a", b"old")
    old = desk.files()[0]
    put(desk, "a", b"new")
    old.write_bytes(b"as if it had not been removed")

    assert desk.objects.sweep(desk.do(buckets.files)) == 1

    assert [path.read_bytes() for path in desk.files()] == [b"new"]


def test_an_error_in_the_transaction_keeps_the_old_object_and_its_file(desk: Desk) -> None:
    put(desk, "a", b"old")

    with pytest.raises(RuntimeError):
        desk.do(_put_and_fail, desk.resource("Files"))

    assert desk.do(buckets.head, desk.resource("Files"), "a")[1] == 3
    assert [path.read_bytes() for path in desk.files()] == [b"old"]


def _put_and_fail(tx: Any, bucket: Any) -> None:
    buckets.put(tx, bucket, "a", "f" * 32, 9, "etag", "text/plain", {}, False)
    raise RuntimeError("the power went")


def test_two_objects_never_share_a_file(desk: Desk) -> None:
    file, _ = (put(desk, "a"), desk.do(buckets.read, desk.resource("Files"), "a"))[1]

    with pytest.raises(Exception, match="UNIQUE"):
        desk.do(buckets.put, desk.resource("Files"), "b", file, 1, "etag", "text/plain", {}, False)


@pytest.mark.parametrize(("file", "size"), [("../../x", 1), ("", 1), ("f" * 32, -1), ("f" * 32, OBJECT_LIMIT + 1)])
def test_what_is_no_file_of_an_object_is_refused(desk: Desk, file: str, size: int) -> None:
    with pytest.raises(InvalidValueError):
        desk.do(buckets.put, desk.resource("Files"), "a", file, size, "etag", "text/plain", {}, False)


@pytest.mark.parametrize("content_type", ["", "x" * 257, "text/html\r\nset-cookie: a=b", "t\u00e9xt", " text/plain", 7])
def test_a_content_type_that_is_no_header_is_refused(desk: Desk, content_type: Any) -> None:
    with pytest.raises(InvalidValueError):
        put(desk, "a", content_type=content_type)


@pytest.mark.parametrize(
    "metadata",
    [{"A": "x"}, {"": "x"}, {"a b": "x"}, {7: "x"}, {"a": 7}, {"a": "line\nbreak"}, {"a": "\u00e9"}, {"a": " spaced"}],
)
def test_metadata_that_is_no_header_is_refused(desk: Desk, metadata: Any) -> None:
    with pytest.raises(InvalidValueError):
        put(desk, "a", metadata=metadata)


def test_metadata_over_2_kb_is_refused(desk: Desk) -> None:
    put(desk, "a", metadata={"a": "x" * 2047})

    with pytest.raises(TooLargeError):
        put(desk, "a", metadata={"a": "x" * 2048})


def test_a_listing_is_in_order_of_the_bytes_of_the_keys(desk: Desk) -> None:
    wanted = ["A", "a", "a/b", "ab", "b", "z", "\u00e9", "\uffff", "\U00010000"]
    for key in random.Random(7).sample(wanted, len(wanted)):
        put(desk, key)

    assert keys(desk) == sorted(wanted, key=str.encode)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000])
def test_pages_of_any_size_add_up_to_the_whole_listing(desk: Desk, limit: int) -> None:
    wanted = sorted([*AWKWARD, *(f"p/{number}" for number in range(12))], key=str.encode)
    for key in wanted:
        put(desk, key)

    assert keys(desk, limit=limit) == wanted
    assert keys(desk, "p/1", limit=limit) == ["p/1", "p/10", "p/11"]


@pytest.mark.parametrize(
    ("prefix", "wanted"),
    [
        ("a%", ["a%b"]),
        ("a_", ["a_b"]),
        ("a\0", ["a\0b"]),
        ("a\u00e9", ["a\u00e9b"]),
        ("a\N{PILE OF POO}", ["a\N{PILE OF POO}b"]),
        ("A", []),
        ("a*", []),
        ("aXbb", []),
    ],
)
def test_a_prefix_is_taken_literally(desk: Desk, prefix: str, wanted: list[str]) -> None:
    for key in ("a%b", "a_b", "aXb", "a\0b", "a\u00e9b", "a\N{PILE OF POO}b", "b"):
        put(desk, key)

    assert keys(desk, prefix) == wanted


def test_a_listing_goes_on_after_its_last_key_was_deleted(desk: Desk) -> None:
    for key in "abcd":
        put(desk, key)
    _, cursor = desk.do(buckets.listing, desk.resource("Files"), "", 2, None)
    desk.do(buckets.delete, desk.resource("Files"), "b")

    rows, following = desk.do(buckets.listing, desk.resource("Files"), "", 2, cursor)

    assert [row[0] for row in rows] == ["c", "d"]
    assert following is None


def test_a_page_has_at_most_a_thousand_objects(desk: Desk) -> None:
    files = [f"{number:032x}" for number in range(1001)]
    for number, file in enumerate(files):
        desk.database.submit(
            buckets.put, desk.resource("Files"), f"{number:04}", file, 0, "etag", "text/plain", {}, False
        )

    rows, cursor = desk.do(buckets.listing, desk.resource("Files"), "", 5000, None)

    assert len(rows) == 1000
    assert cursor is not None


@pytest.mark.parametrize("cursor", ["", "!!!", "\u00e9", "YQ=", 7, "WA=="])
def test_a_cursor_of_elsewhere_is_refused(desk: Desk, cursor: Any) -> None:
    with pytest.raises(InvalidValueError):
        desk.do(buckets.listing, desk.resource("Files"), "a/", 10, cursor)


@pytest.mark.parametrize("limit", [0, -1, "10", None, True])
def test_a_limit_that_is_none_is_refused(desk: Desk, limit: Any) -> None:
    with pytest.raises(InvalidValueError):
        desk.do(buckets.listing, desk.resource("Files"), "", limit, None)


def test_a_prefix_with_half_a_surrogate_pair_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidValueError):
        desk.do(buckets.listing, desk.resource("Files"), "\ud800", 1, None)


def test_created_and_removed_events_reach_the_queue_of_the_subscribed_function(desk: Desk) -> None:
    queue = subscribed(desk, "Files")
    row = put(desk, "a b/\u00e9", b"abc")
    desk.now += 5
    desk.do(buckets.delete, desk.resource("Files"), "a b/\u00e9")

    created, removed = desk.bodies(queue)

    assert created == {"kind": "created", "bucket": "Files", "key": "a b/\u00e9", "size": 3, "etag": row[2], "at": NOON}
    assert removed == {**created, "kind": "removed", "size": 0, "at": NOON + 5}


def test_deleting_nothing_is_no_event(desk: Desk) -> None:
    queue = subscribed(desk, "Files")
    desk.do(buckets.delete, desk.resource("Files"), "a")

    assert desk.bodies(queue) == []


def test_a_put_that_is_refused_is_no_event(desk: Desk) -> None:
    put(desk, "a")
    queue = subscribed(desk, "Files")

    with pytest.raises(ConditionFailedError):
        put(desk, "a", if_absent=True)
    with pytest.raises(RuntimeError):
        desk.do(_put_and_fail, desk.resource("Files"))

    assert desk.bodies(queue) == []


def test_an_event_goes_only_to_subscriptions_that_it_passes(desk: Desk) -> None:
    every = subscribed(desk, "Files")
    removed = subscribed(desk, "Files", events=["removed"])
    pictures = subscribed(desk, "Files", events=["created"], prefix="in/", suffix=".png", skip=["in/done/", "in/tmp/"])
    other = subscribed(desk, "Other")
    for key in ("in/a.png", "in/done/b.png", "in/tmp/c.png", "in/d.jpg", "out/e.png", "in/.png"):
        put(desk, key)
    desk.do(buckets.delete, desk.resource("Files"), "in/a.png")

    assert len(desk.bodies(every)) == 7
    assert [event["key"] for event in desk.bodies(removed)] == ["in/a.png"]
    assert [event["key"] for event in desk.bodies(pictures)] == ["in/a.png", "in/.png"]
    assert desk.bodies(other) == []
