"""What a bucket must do: objects by any key, signed addresses, and events."""

from __future__ import annotations

import io
import time
import urllib.error
import urllib.request

import pytest

from isthmus.errors import ConditionFailedError, InvalidValueError, ObjectNotFoundError
from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract

AWKWARD_KEYS = (
    "plain.txt",
    "a b+c&d=e?f#g%20%2F.txt",
    "Zażółć/\U0001f600/日本.png",
    "//double//slash//",
    "../etc/passwd",
    "./a/../b",
    "quote\"'<>.txt",
    "tab\tand\nline",
    "CON",
    ".hidden",
    "x" * 900,
    "trailing/",
    "back\\slash",
)
"""Keys that a careless provider confuses, cuts, decodes or takes for a path."""


class BucketContract(Contract):
    """Objects."""

    @pytest.mark.parametrize("key", AWKWARD_KEYS, ids=ascii)
    def test_an_object_of_any_key_is_kept_as_it_is(self, testbed: Testbed, case: str, key: str) -> None:
        files = testbed.resource("Files")
        key = f"{case}/{key}"
        files.put(key, b"\x00\xff body", content_type="image/png", metadata={"owner": "ann"})
        info = files.head(key)

        assert files.get(key) == b"\x00\xff body"
        assert (info.key, info.size, info.content_type, info.metadata) == (key, 7, "image/png", {"owner": "ann"})
        assert [entry.key for entry in files.list(case + "/")] == [key]
        files.delete(key)
        assert files.head(key) is None

    def test_a_key_that_no_bucket_takes_is_refused(self, testbed: Testbed) -> None:
        for key in ("", "x" * 1025, "é" * 513, "\ud800", "../up", "a/../../up", "a//../../up"):
            with pytest.raises(InvalidValueError):
                testbed.resource("Files").put(key, b"")

    def test_an_object_that_is_not_there(self, testbed: Testbed, case: str) -> None:
        files = testbed.resource("Files")

        with pytest.raises(ObjectNotFoundError):
            files.get(case)
        with pytest.raises(ObjectNotFoundError):
            files.open(case)
        assert files.head(case) is None
        files.delete(case)

    def test_text_and_files_are_put_and_read_as_a_stream(self, testbed: Testbed, case: str) -> None:
        files = testbed.resource("Files")
        files.put(case + "/text", "é")
        files.put(case + "/file", io.BytesIO(b"ab" * 500_000))

        assert files.get(case + "/text") == "é".encode()
        with files.open(case + "/file") as stream:
            assert stream.read(3) == b"aba"
            assert len(stream.read()) == 999_997

    def test_an_overwritten_object_has_another_etag(self, testbed: Testbed, case: str) -> None:
        files = testbed.resource("Files")
        first = files.put(case, b"one")
        second = files.put(case, b"two")

        assert files.get(case) == b"two"
        assert first.etag != second.etag == files.head(case).etag

    def test_if_absent_writes_only_where_nothing_is(self, testbed: Testbed, case: str) -> None:
        files = testbed.resource("Files")
        files.put(case, b"one", if_absent=True)

        with pytest.raises(ConditionFailedError):
            files.put(case, b"two", if_absent=True)
        assert files.get(case) == b"one"

    def test_a_listing_is_in_order_of_the_bytes_and_comes_in_pages(self, testbed: Testbed, case: str) -> None:
        files = testbed.resource("Files")
        names = ["b", "a", "é", "Z", "a/b", "a!", "\uffff", "\U0001f600"] + [f"n{n:02}" for n in range(10)]
        for name in names:
            files.put(f"{case}/{name}", b"x")
        files.put(case + "other", b"x")
        found: list[str] = []
        cursor: str | None = None
        while not found or cursor is not None:
            page = files.list(case + "/", limit=4, cursor=cursor)
            found += [entry.key for entry in page]
            assert len(page) <= 4
            cursor = page.cursor

        assert found == sorted((f"{case}/{name}" for name in names), key=str.encode)


class PresignContract(Contract):
    """Addresses that anybody may use, for a while."""

    def test_a_signed_address_gets_the_object(self, testbed: Testbed, case: str) -> None:
        files = testbed.resource("Files")
        key = f"{case}/a b+é?.png"
        files.put(key, b"picture", content_type="image/png")
        status, body, headers = fetch("GET", files.presign_get(key))

        assert (status, body) == (200, b"picture")
        assert headers["content-type"] == "image/png"

    def test_a_signed_address_puts_the_object(self, testbed: Testbed, case: str) -> None:
        files = testbed.resource("Files")
        url = files.presign_put(f"{case}/up load", content_type="text/plain")
        status, _, _ = fetch("PUT", url, b"uploaded", {"content-type": "text/plain"})

        assert status in (200, 201, 204)
        assert files.get(f"{case}/up load") == b"uploaded"
        assert files.head(f"{case}/up load").content_type == "text/plain"

    def test_a_signed_address_is_for_its_method_its_key_and_its_type(self, testbed: Testbed, case: str) -> None:
        files = testbed.resource("Files")
        files.put(case, b"mine")
        files.put(case[:-1], b"other")
        get, put = files.presign_get(case), files.presign_put(case, content_type="text/plain")

        assert fetch("PUT", get, b"stolen")[0] == 403
        assert fetch("GET", put)[0] == 403
        assert fetch("GET", get.replace(case, case[:-1], 1))[0] == 403
        assert fetch("PUT", put, b"x", {"content-type": "text/html"})[0] == 403
        assert files.get(case) == b"mine"

    def test_a_changed_or_missing_signature_is_refused(self, testbed: Testbed, case: str) -> None:
        files = testbed.resource("Files")
        files.put(case, b"mine")
        url = files.presign_get(case)
        flipped = url[:-1] + ("0" if url[-1] != "0" else "1")

        assert fetch("GET", flipped)[0] in (400, 403)
        assert fetch("GET", url.partition("?")[0])[0] in (400, 401, 403, 404)

    def test_a_signed_address_expires(self, testbed: Testbed, case: str) -> None:
        files = testbed.resource("Files")
        files.put(case, b"mine")
        url, lasting = files.presign_get(case, expires=1), files.presign_get(case, expires=60)
        time.sleep(2.1)

        assert fetch("GET", url)[0] in (400, 403)
        assert fetch("GET", lasting)[:2] == (200, b"mine")

    def test_an_address_for_too_long_is_refused(self, testbed: Testbed, case: str) -> None:
        for expires in (0, -1, 7 * 24 * 3600 + 1):
            with pytest.raises(InvalidValueError):
                testbed.resource("Files").presign_get(case, expires=expires)


class ObjectEventContract(Contract):
    """Events of objects."""

    def test_created_and_removed_objects_are_told_with_their_exact_key(self, testbed: Testbed, case: str) -> None:
        files = testbed.resource("Files")
        key = f"in/{case}/a b+%2F é.txt"
        etag = files.put(key, b"four").etag
        self.seen(testbed, case, by="Stored")
        files.delete(key)
        rows = self.eventually(lambda: rows if len(rows := self._events(testbed, case)) == 2 else {})

        assert set(rows) == {("created", key), ("removed", key)}
        created = rows["created", key]
        assert (created["size"], created["bucket"], created["etag"]) == (4, "Files", etag)

    def test_prefix_suffix_and_skip_choose_the_keys(self, testbed: Testbed, case: str) -> None:
        files = testbed.resource("Files")
        for key in ("in/{}/yes", "in/skipped/{}", "IN/{}/no", "notes/{}/a.txt", "notes/{}/a.TXT", "notes/{}/a.txt.gz"):
            files.put(key.format(case), b"x")
        expected = {("created", f"in/{case}/yes"), ("created", f"notes/{case}/a.txt")}
        self.eventually(lambda: expected <= set(self._events(testbed, case)))
        self.hush()

        assert set(self._events(testbed, case)) == expected
        assert self.rows(testbed, "skipped") == []

    def test_a_handler_may_write_into_the_same_bucket_under_a_skipped_prefix(self, testbed: Testbed, case: str) -> None:
        files = testbed.resource("Files")
        files.put(f"photos/{case}.png", b"abcdef")
        self.eventually(lambda: files.head(f"photos/processed/{case}.png"))
        self.seen(testbed, case + ".png")
        self.hush()

        assert files.get(f"photos/processed/{case}.png") == b"abc"
        assert {row["key"] for row in self.rows(testbed, case + ".png")} == {f"photos/{case}.png"}
        assert self.rows(testbed, "processed") == []

    def _events(self, testbed: Testbed, case: str) -> dict[tuple[str, str], dict[str, object]]:
        return {(row["kind"], row["key"]): row for row in self.rows(testbed, case)}


def fetch(
    method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes, dict[str, str]]:
    """Return status, body and headers (in lower case) of a real HTTP request."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as response:
            return response.status, response.read(), {name.lower(): text for name, text in response.headers.items()}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), {}
