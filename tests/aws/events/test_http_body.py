"""Bodies: as text, and as base64."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isthmus.errors import BadEventError
from isthmus_aws.events.http import HttpCodec
from tests.aws.events.http_recorded import SERVICES, recorded

CODEC = HttpCodec()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.binary(min_size=1))
@pytest.mark.parametrize("service", SERVICES)
def test_a_body_in_base64_is_the_bytes_that_were_sent(service: str, body: bytes) -> None:
    event = recorded(service, body=base64.b64encode(body).decode(), isBase64Encoded=True)

    assert CODEC.decode(event).body == body


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("missing", [None, ""])
@pytest.mark.parametrize("flag", [True, False, None])
def test_a_request_without_a_body_has_an_empty_one(service: str, missing: str | None, flag: bool | None) -> None:
    assert CODEC.decode(recorded(service, body=missing, isBase64Encoded=flag)).body == b""


@pytest.mark.parametrize("service", SERVICES)
def test_a_request_that_says_nothing_of_base64_has_a_text(service: str) -> None:
    event = recorded(service, body="é")
    del event["isBase64Encoded"]

    assert CODEC.decode(event).body == "é".encode()


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "wrong", ["Hello from Lambda!", "YQ", "YQ=", "YQ==\n", "Y Q==", "=", "YQ==YQ==", "é", "\ud800", 5, ["YQ=="]]
)
def test_what_is_no_base64_is_refused_and_never_half_read(service: str, wrong: Any) -> None:
    request = CODEC.decode(recorded(service, body=wrong, isBase64Encoded=True))

    with pytest.raises(BadEventError, match="body"):
        _ = request.body


@pytest.mark.parametrize("service", SERVICES)
def test_half_of_a_surrogate_pair_is_no_body(service: str) -> None:
    request = CODEC.decode(recorded(service, body="\ud800"))

    with pytest.raises(BadEventError, match="surrogate"):
        _ = request.body
