"""The envelope of an object's event, which is asked of S3."""

from __future__ import annotations

import socket
import time
from types import SimpleNamespace

import pytest

from isthmus.links import Identity
from isthmus_aws.client_settings import settings
from isthmus_aws.delivery.objects import ObjectEnvelopes
from isthmus_aws.services import Services
from tests.emulators.aws.ministack import REGION, Ministack


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def created(bucket: str, key: str) -> SimpleNamespace:
    return SimpleNamespace(kind="created", key=key, raw={"s3": {"bucket": {"name": bucket}}})


def envelopes(endpoint: str) -> ObjectEnvelopes:
    identity = Identity(app="shop", stage="dev", provider="aws", function="Resize")
    return ObjectEnvelopes(Services(identity, region=REGION, endpoint=endpoint))


def test_an_s3_that_refused_once_is_asked_again(ministack: Ministack) -> None:
    bucket = f"images-{time.time_ns()}"
    s3 = ministack.client("s3")
    s3.create_bucket(Bucket=bucket)
    metadata = {"isthmus-envelope": '{"isthmus-correlation-id":"mine"}'}
    s3.put_object(Bucket=bucket, Key="a", Body=b"", Metadata=metadata)
    found = envelopes(ministack.endpoint)

    assert found(created(bucket, "gone")).correlation_id == ""
    assert found(created(bucket, "a")).correlation_id == "mine"


def test_an_s3_that_does_not_answer_is_asked_once() -> None:
    assert settings("s3")["connect_timeout"] <= 5
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    found = envelopes(f"http://127.0.0.1:{port}")
    found(created("images", "a"))
    started = time.monotonic()
    envelope = found(created("images", "b"))

    assert envelope.correlation_id == ""
    assert time.monotonic() - started < 0.01
