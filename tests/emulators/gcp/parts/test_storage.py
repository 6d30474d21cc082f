"""What we rely on of Cloud Storage, asked of the server through Google's own client: each fact with its page.

fake-gcs-server alone gets wrong, and `storage/` mends: preconditions of anything but an upload, a bucket with objects
(412 where the cloud says 409), versioning (a change of anything else in a bucket turns it off), keys beyond the limits,
an upload session whose object's name has an "&", a question for how far an upload is (it ends it), a chunk sent twice
(it is appended twice), signed URLs (nothing is checked), the body of a signed upload's answer, signed resumable uploads
(the name is lost), notifications without `notificationConfig` and with half of the object, that are sent some time
after the request, also to a configuration made since.

What still differs from the cloud: the metageneration of an object is always 1 and preconditions on it are ignored; of a
bucket's properties only the versioning is kept; no IAM, no lifecycle, no CORS configuration (every origin is allowed),
no soft delete; V2 signatures do not work; a page of a listing counts objects and not
prefixes; the event of a deletion has no `timeDeleted`; a topic that is not there is noticed when an event is sent, not
when the notification is made.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import httpx
import pytest
from google.api_core.exceptions import BadRequest, Conflict, GoogleAPICallError, NotFound, PreconditionFailed

from tests.emulators.gcp.parts.bucket import Bucket
from tests.emulators.gcp.parts.storage import Storage, storage

__all__ = ["storage"]

KEYS = [
    "plain",
    "a/b/c",
    "a//b",
    "/first",
    "last/",
    "a b",
    "a+b",
    "100%",
    "a%20b",
    "a%2Fb",
    "?a=b&c=d",
    "#part",
    "a&upload_id=evil",
    "ä☃😀",
    "..a/./b",
    "a\\b",
    "'\"<>",
    "\u202e\u200b",
    "x" * 1024,
    "ä" * 512,
]

BAD_KEYS = ["x" * 1025, "ä" * 512 + "x", ".", "..", "a\nb", "a\rb", ".well-known/acme-challenge/x"]


@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_a_key_comes_back_as_it_was_written(storage: Storage, key: str) -> None:
    """https://cloud.google.com/storage/docs/objects#naming"""
    bucket = Bucket(storage)

    bucket.put(key, "text")

    assert bucket.bucket.blob(key).download_as_bytes() == b"text"
    assert [blob.name for blob in bucket.client.list_blobs(bucket.name)] == [key]
    bucket.bucket.blob(key).delete()
    assert not bucket.bucket.blob(key).exists()


@pytest.mark.parametrize("key", BAD_KEYS, ids=range(len(BAD_KEYS)))
@pytest.mark.parametrize("resumable", [False, True])
def test_a_key_that_the_cloud_refuses_is_refused(storage: Storage, key: str, *, resumable: bool) -> None:
    bucket = Bucket(storage)
    blob = bucket.bucket.blob(key)

    with pytest.raises(BadRequest):
        blob.create_resumable_upload_session() if resumable else blob.upload_from_string("x")


def test_a_bucket_is_made_once(storage: Storage) -> None:
    bucket = Bucket(storage)

    with pytest.raises(Conflict):
        bucket.client.create_bucket(bucket.name)


def test_a_bucket_keeps_its_versions_when_something_else_changes(storage: Storage) -> None:
    bucket = Bucket(storage, versioned=True)
    bucket.bucket.labels = {"a": "b"}

    bucket.bucket.patch()

    assert bucket.client.get_bucket(bucket.name).versioning_enabled


def test_nothing_is_stored_in_a_bucket_that_is_not_there(storage: Storage) -> None:
    client = storage.client()

    with pytest.raises(NotFound):
        client.bucket("nowhere").blob("a").upload_from_string("x")
    assert not client.bucket("nowhere").exists()


def test_a_bucket_with_objects_is_not_deleted(storage: Storage) -> None:
    bucket = Bucket(storage)
    bucket.put("a")

    with pytest.raises(Conflict):
        bucket.bucket.delete()


def test_an_object_keeps_what_is_said_of_it(storage: Storage) -> None:
    bucket = Bucket(storage)
    blob = bucket.bucket.blob("a")
    blob.metadata = {"Colour": "röd"}
    blob.cache_control = "no-store"
    blob.upload_from_string(b"\0\xff", content_type="image/png")

    read = bucket.bucket.get_blob("a")

    assert (read.content_type, read.size, read.metadata) == ("image/png", 2, {"Colour": "röd"})
    assert (read.cache_control, read.generation, read.crc32c) == ("no-store", blob.generation, blob.crc32c)


def test_a_damaged_upload_is_refused(storage: Storage) -> None:
    """https://cloud.google.com/storage/docs/data-validation"""
    blob = Bucket(storage).bucket.blob("a")
    blob.md5_hash = "1B2M2Y8AsgTpgAmY7PhCfg=="  # that of nothing

    with pytest.raises(BadRequest):
        blob.upload_from_string("x")


def test_a_listing_is_sorted_and_goes_on_from_page_to_page(storage: Storage) -> None:
    bucket = Bucket(storage)
    for number in [3, 1, 4, 0, 2]:
        bucket.put(f"in/{number}")
    bucket.put("out")

    pages = bucket.client.list_blobs(bucket.name, prefix="in/", page_size=2).pages

    assert [[blob.name for blob in page] for page in pages] == [["in/0", "in/1"], ["in/2", "in/3"], ["in/4"]]


def test_a_range_is_read(storage: Storage) -> None:
    bucket = Bucket(storage)
    bucket.put("a", "0123456789")

    assert bucket.bucket.blob("a").download_as_bytes(start=2, end=4) == b"234"


# Preconditions: https://cloud.google.com/storage/docs/request-preconditions


def test_an_object_is_made_only_where_there_is_none(storage: Storage) -> None:
    bucket = Bucket(storage)
    bucket.put("a", "first", if_generation_match=0)

    with pytest.raises(PreconditionFailed):
        bucket.put("a", "second", if_generation_match=0)
    assert bucket.bucket.blob("a").download_as_bytes() == b"first"


def test_one_of_many_writers_makes_an_object(storage: Storage) -> None:
    bucket = Bucket(storage)

    def write(number: int) -> bool:
        try:
            bucket.put("a", str(number), if_generation_match=0)
        except PreconditionFailed:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, range(40))) == 1


def test_an_upload_over_another_generation_is_refused(storage: Storage) -> None:
    bucket = Bucket(storage)
    first = bucket.put("a").generation
    second = bucket.put("a").generation

    with pytest.raises(PreconditionFailed):
        bucket.put("a", if_generation_match=first)
    assert first < second < bucket.put("a", if_generation_match=second).generation


def test_a_resumable_upload_obeys_its_precondition_when_it_ends(storage: Storage) -> None:
    bucket = Bucket(storage)
    blob = bucket.bucket.blob("a")
    address = blob.create_resumable_upload_session(if_generation_match=0)
    bucket.put("a", "first")

    assert httpx.put(address, content=b"second").status_code == 412


@pytest.mark.parametrize("verb", ["delete", "download_as_bytes", "patch", "reload"])
def test_a_precondition_on_anything_else_holds_too(storage: Storage, verb: str) -> None:
    bucket = Bucket(storage)
    blob = bucket.put("a", "first")
    options: dict[str, Any] = {} if verb == "reload" else {"retry": None}

    with pytest.raises(PreconditionFailed):
        getattr(blob, verb)(if_generation_match=blob.generation - 1, **options)
    assert bucket.bucket.blob("a").download_as_bytes() == b"first"


def test_what_is_as_it_was_is_not_read_again(storage: Storage) -> None:
    blob = Bucket(storage).put("a")

    with pytest.raises(GoogleAPICallError) as raised:
        blob.download_as_bytes(if_generation_not_match=blob.generation, retry=None)

    assert raised.value.code == 304


def test_a_copy_obeys_the_preconditions_of_both_ends(storage: Storage) -> None:
    bucket = Bucket(storage)
    blob = bucket.put("a", "first")
    bucket.put("b")

    for precondition in ({"if_generation_match": 0}, {"if_source_generation_match": 1}):
        with pytest.raises(PreconditionFailed):
            bucket.bucket.copy_blob(blob, bucket.bucket, "b", **precondition)
    bucket.bucket.copy_blob(blob, bucket.bucket, "c", if_generation_match=0)
    assert bucket.bucket.blob("c").download_as_bytes() == b"first"


def test_each_request_of_a_batch_is_answered_on_its_own(storage: Storage) -> None:
    """https://cloud.google.com/storage/docs/batch"""
    bucket = Bucket(storage)
    blobs = [bucket.put(f"a b+{number}") for number in range(3)]

    def delete_all() -> None:
        with bucket.client.batch():
            for blob in blobs:
                blob.delete(if_generation_match=blob.generation + (blob is blobs[1]))

    with pytest.raises(PreconditionFailed):
        delete_all()
    assert [blob.name for blob in bucket.client.list_blobs(bucket.name)] == ["a b+1"]


# Resumable uploads: https://cloud.google.com/storage/docs/performing-resumable-uploads


CHUNK = 256 * 1024


@pytest.mark.parametrize("key", ["a b+c", "a&upload_id=evil", "a&uploadType=media&d=e"])
def test_a_large_object_is_sent_in_chunks(storage: Storage, key: str) -> None:
    bucket = Bucket(storage)
    content = bytes(range(256)) * 4096  # 1 MiB
    blob = bucket.bucket.blob(key, chunk_size=CHUNK)

    blob.upload_from_file(BytesIO(content))  # of a size that the library does not know, so it sends no single request

    assert bucket.bucket.blob(key).download_as_bytes() == content


def test_an_upload_says_how_far_it_is_and_takes_a_chunk_once(storage: Storage) -> None:
    bucket = Bucket(storage)
    address = bucket.bucket.blob("a").create_resumable_upload_session()

    def put(content: bytes, span: str) -> httpx.Response:
        return httpx.put(address, content=content, headers={"Content-Range": f"bytes {span}"})

    assert put(b"", "*/*").headers.get("Range") is None
    assert put(b"a" * CHUNK, f"0-{CHUNK - 1}/*").status_code == 308
    again = put(b"a" * CHUNK, f"0-{CHUNK - 1}/*")
    assert (again.status_code, again.headers["Range"]) == (308, f"bytes=0-{CHUNK - 1}")
    assert put(b"", "*/*").headers["Range"] == f"bytes=0-{CHUNK - 1}"
    assert not bucket.bucket.blob("a").exists()
    assert put(b"b", f"{CHUNK}-{CHUNK}/{CHUNK + 1}").status_code == 200
    assert bucket.bucket.blob("a").download_as_bytes() == b"a" * CHUNK + b"b"
