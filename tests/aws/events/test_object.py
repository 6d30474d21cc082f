"""Notifications of S3."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.serve import Malformed
from isthmus.sources import Source
from isthmus_aws.events.object import DROPPED, KINDS, group_of, key_of
from tests.aws.events.recorded import event, events, only
from tests.aws.service_models import service_model

BUCKET = "orders-dev-uploads-1a2b3c4d"


def notification(**changes: Any) -> Any:
    sent = event("s3")
    record = sent["Records"][0]
    described = record["s3"]["object"]
    for name, value in changes.items():
        (described if name in ("key", "size", "eTag") else record)[name] = value
    return sent


def test_an_object_that_was_put() -> None:
    found = only(event("s3"), sources={BUCKET: Source("bucket", "Uploads")})

    assert (found.kind, found.bucket, found.key) == ("created", "Uploads", "invoices/café + crème.pdf")
    assert (found.size, found.etag) == (1305107, "b21b84d653bb07b05b1e6b33684dc11b")
    assert (found.at, found.attempt, found.id) == (1567539447.192, 1, "D82B88E5F771F645")


def test_the_version_and_the_sequencer_are_in_the_raw_record() -> None:
    described = only(event("s3")).raw["s3"]["object"]

    assert described["versionId"] == "096fKKXTRTtl3on89fVO.nfljtsv6qko"
    assert described["sequencer"] == "0C0F6F405D6ED209E1"


def test_every_kind_of_notification_that_s3_knows_is_an_event_or_has_a_reason_why_not() -> None:
    names: list[str] = service_model("s3").shape_for("Event").metadata["enum"]

    known = {group_of(name) for name in names}

    assert known <= {*KINDS, *DROPPED}
    assert not set(KINDS) & set(DROPPED)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ObjectCreated:Put", "created"),
        ("ObjectCreated:Post", "created"),
        ("ObjectCreated:Copy", "created"),
        ("ObjectCreated:CompleteMultipartUpload", "created"),
        ("ObjectRemoved:Delete", "removed"),
        ("ObjectRemoved:DeleteMarkerCreated", "removed"),
        ("LifecycleExpiration:Delete", "removed"),
        ("s3:LifecycleExpiration:DeleteMarkerCreated", "removed"),
    ],
)
def test_what_creates_or_removes_an_object_is_an_event(name: str, kind: str) -> None:
    assert only(notification(eventName=name)).kind == kind


@pytest.mark.parametrize(
    "name",
    [
        "ObjectRestore:Post",
        "ObjectRestore:Completed",
        "ObjectRestore:Delete",
        "s3:Replication:OperationFailedReplication",
        "LifecycleTransition",
        "IntelligentTiering",
        "ObjectTagging:Put",
        "ObjectAcl:Put",
        "ReducedRedundancyLostObject",
    ],
)
def test_what_does_neither_is_dropped(name: str) -> None:
    assert events(notification(eventName=name)) == []


def test_a_removal_has_neither_size_nor_etag() -> None:
    sent = notification(eventName="ObjectRemoved:Delete")
    for name in ("size", "eTag"):
        del sent["Records"][0]["s3"]["object"][name]

    found = only(sent)

    assert (found.size, found.etag) == (0, "")


@given(st.text())
def test_every_key_comes_as_it_was_put(key: str) -> None:
    assert key_of(quote_plus(key)) == key


@pytest.mark.parametrize(
    ("encoded", "key"),
    [("a+b", "a b"), ("a%2Bb", "a+b"), ("100%25", "100%"), ("%E2%82%AC", "€"), ("a%2Fb/c", "a/b/c"), ("%00", "\0")],
)
def test_plus_and_percent_are_told_apart(encoded: str, key: str) -> None:
    assert only(notification(key=encoded)).key == key


def test_keys_under_a_prefix_that_the_subscription_skips_are_dropped() -> None:
    sources = {BUCKET: Source("bucket", "Uploads", skip=["invoices/caf", "tmp/"])}

    assert events(notification(), sources=sources) == []
    assert only(notification(key="invoices/b"), sources=sources).key == "invoices/b"
    assert events(notification(key="tmp%2Fb"), sources=sources) == []


@pytest.mark.parametrize(
    "change",
    [
        {"eventName": "ObjectPainted:Blue"},
        {"eventName": None},
        {"eventTime": "yesterday"},
        {"key": None},
        {"key": "%FF"},
        {"size": "big"},
        {"eTag": 5},
    ],
)
def test_a_notification_that_cannot_be_read_fails_alone(change: dict[str, Any]) -> None:
    sent = notification(**change)
    sent["Records"] += event("s3")["Records"]

    first, second = events(sent)

    assert isinstance(first, Malformed)
    assert second.kind == "created"
