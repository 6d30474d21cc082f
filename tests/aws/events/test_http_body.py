"""Bodies: as text, and as base64."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isthmus.errors import BadEventError, BadRequestError, UnsupportedMediaTypeError
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


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("text", ['{"a": [1, 2.5, null]}', '{"a": "\u00e9"}', '{"a": "\\u00e9"}', ' "a" '])
def test_json_is_the_same_from_text_as_from_base64(service: str, text: str) -> None:
    plain = recorded(service, body=text, isBase64Encoded=False)
    encoded = recorded(service, body=base64.b64encode(text.encode()).decode(), isBase64Encoded=True)
    for event in (plain, encoded):
        _set_type(event, "application/json")

    assert CODEC.decode(plain).json() == CODEC.decode(encoded).json() == json.loads(text)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("content_type", "text", "error"),
    [
        ("application/json", "{", BadRequestError),
        ("application/json", "", BadRequestError),
        ("application/json", "NaN", BadRequestError),
        ("application/json", '"\\ud800"', BadRequestError),
        ("application/json; charset=utf-16", "{}", BadRequestError),
        ("application/json; charset=idna", "{}", UnsupportedMediaTypeError),
        ("text/plain", "{}", UnsupportedMediaTypeError),
    ],
)
def test_what_is_no_json_is_refused_from_text_as_well(
    service: str, content_type: str, text: str, error: type[Exception]
) -> None:
    event = recorded(service, body=text, isBase64Encoded=False)
    _set_type(event, content_type)

    with pytest.raises(error):
        CODEC.decode(event).json()


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("flag", [0, "", "yes"])
def test_a_flag_of_base64_that_is_none_is_refused_for_json_too(service: str, flag: Any) -> None:
    event = recorded(service, body="{}", isBase64Encoded=flag)
    _set_type(event, "application/json")

    with pytest.raises(BadEventError, match="isBase64Encoded"):
        CODEC.decode(event).json()


def _set_type(event: dict[str, Any], content_type: str) -> None:
    if "headers" in event:
        event["headers"] = {"content-type": content_type}
    if "multiValueHeaders" in event:
        event["multiValueHeaders"] = {"content-type": [content_type]}
