"""Garbage in gives one named error, or a request that can be read; and any sound response can be written."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isthmus.http.headers import TOKEN
from isthmus.http.response import HttpResponse
from isthmus_aws.events.http import HttpCodec
from tests.aws.events.http_garbage import places, put, read
from tests.aws.events.http_recorded import SERVICES, recorded
from tests.corpus.answers import answer_of

CODEC = HttpCodec()
# Half surrogates too: `json.loads` makes them of "\ud800".
TEXTS = st.text(max_size=20) | st.sampled_from(["\ud800", "%", "%25", "%zz", "/", "", "YQ==", "a;b=c", "2.0", "1.0"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))


@pytest.mark.parametrize("name", [*SERVICES, "websocket", "authorizer"])
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_recorded_event_with_garbage_anywhere_gives_nothing_but_the_named_error(
    name: str, data: st.DataObject
) -> None:
    event = recorded(name)
    for _ in range(data.draw(st.integers(1, 3))):
        event = put(event, data.draw(st.sampled_from(places(event))), data.draw(JSON))

    read(event)


@pytest.mark.parametrize("name", SERVICES)
def test_an_event_without_any_one_of_its_fields_gives_nothing_but_the_named_error(name: str) -> None:
    event = recorded(name)
    for place in places(event)[1:]:
        changed = copy.deepcopy(event)
        found: Any = changed
        for key in place[:-1]:
            found = found[key]
        del found[place[-1]]
        read(changed)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON)
def test_arbitrary_json_gives_nothing_but_the_named_error(event: Any) -> None:
    read(event)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["version", "requestContext", "httpMethod", "path", "rawPath"]), JSON))
def test_arbitrary_json_in_the_right_fields_gives_nothing_but_the_named_error(event: Any) -> None:
    read(event)


NAMES = st.text(st.sampled_from(sorted(TOKEN)), min_size=1, max_size=20)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=20)
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)


@pytest.mark.parametrize("service", SERVICES)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    body=st.binary() | st.text(st.characters(codec="utf-8")).map(str.encode),
    status=st.integers(200, 599),
    headers=st.lists(st.tuples(NAMES, VALUES), max_size=5),
    cookies=st.lists(PRINTABLE, max_size=3),
)
def test_any_sound_response_is_json_and_arrives_whole(
    service: str, body: bytes, status: int, headers: list[tuple[str, str]], cookies: list[str]
) -> None:
    response = HttpResponse(body, status=status, headers=headers)
    response.cookies += cookies

    answer = answer_of(json.loads(json.dumps(CODEC.encode(response, CODEC.decode(recorded(service))))))

    assert answer.status == status
    assert answer.body == (b"" if status in {204, 304} else body)
    assert sorted(answer.cookies) == sorted(response.cookies)
