"""Legacy background events: each means a CloudEvent, as the conformance tests of the functions frameworks say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from isthmus.errors import BadEventError
from isthmus_gcp.events.background import TYPES, cloud_event, is_background
from isthmus_gcp.events.codecs import codecs
from isthmus_gcp.events.origins import origin_of
from tests.gcp.events.recorded import LEGACY_MESSAGE, LEGACY_OBJECT

OUTSIDE = Path(__file__).parents[4] / "shared" / "corpus"
PAIRS = OUTSIDE / "functions-framework-conformance" / "events" / "generate" / "data"
KINDS = {"topic": "topic", "bucket": "bucket", "table": "table"}


def names() -> list[str]:
    return sorted(path.name.removesuffix("-legacy-input.json") for path in PAIRS.glob("*-legacy-input.json"))


def read(name: str) -> Any:
    return json.loads((PAIRS / f"{name}.json").read_bytes())


def shown(event: Any) -> dict[str, Any]:
    """Return what a handler sees of a neutral event, besides the raw one."""
    public = [name for name in dir(event) if not name.startswith("_") and name not in ("raw", "json", "text")]
    return {name: getattr(event, name) for name in public}


needs_pairs = pytest.mark.skipif(not PAIRS.is_dir(), reason="outside data: ../shared/corpus is not there")


@needs_pairs
@pytest.mark.parametrize("name", names())
def test_a_legacy_event_is_the_cloud_event_that_the_conformance_tests_expect(name: str) -> None:
    assert cloud_event(read(f"{name}-legacy-input")).document() == read(f"{name}-cloudevent-output")


@needs_pairs
@pytest.mark.parametrize("name", names())
def test_a_cloud_event_is_the_legacy_event_that_the_conformance_tests_expect(name: str) -> None:
    sent, expected = read(f"{name}-cloudevent-input"), read(f"{name}-legacy-output")

    again = cloud_event(_with_domain(expected, sent)).document()

    again["data"] = {**again["data"], **({} if "message" not in sent["data"] else {"message": sent["data"]["message"]})}
    sent["data"].pop("subscription", None)
    assert again == sent


def _with_domain(legacy: Any, sent: Any) -> Any:
    """Return a legacy event with its domain, which such an output leaves out: the source tells the place."""
    place = sent["source"].partition("/locations/")[2].partition("/")[0]
    return {**legacy, "domain": "firebaseio.com" if place == "us-central1" else f"{place}.firebasedatabase.app"}


@needs_pairs
@pytest.mark.parametrize("name", names())
def test_both_sides_of_a_pair_are_the_same_event_to_a_handler(name: str) -> None:
    sent, expected = read(f"{name}-cloudevent-input"), read(f"{name}-legacy-output")
    kind, _ = origin_of(cloud_event(_with_domain(expected, sent)))
    if kind not in KINDS:
        return

    modern, legacy = (codecs[kind].decode(side) for side in (sent, expected))

    assert [shown(event) for event in modern] == [shown(event) for event in legacy]


def test_a_legacy_message_is_a_message() -> None:
    (message,) = codecs["topic"].decode(LEGACY_MESSAGE)

    assert (message.text(), message.attributes, message.id) == ("test", {"kind": "x"}, "1144231683168617")
    assert (message.source, message.sent_at) == ("news", 1588750414.556)


def test_a_change_of_an_object_that_is_not_there_any_more_is_its_removal() -> None:
    (event,) = codecs["bucket"].decode(LEGACY_OBJECT)

    assert (event.kind, event.key, event.size, event.bucket) == ("removed", "folder/a b.txt", 0, "some-bucket")


def test_the_key_of_an_object_may_end_as_a_generation_does() -> None:
    sent = {**LEGACY_OBJECT, "resource": "projects/_/buckets/b/objects/a#1#2"}

    assert cloud_event(sent).subject == "objects/a#1"


@pytest.mark.parametrize("told", sorted(TYPES))
def test_every_known_type_is_recognised(told: str) -> None:
    assert is_background({"eventId": "1", "timestamp": "", "eventType": told, "resource": "x", "data": {}})


@pytest.mark.parametrize(
    "changed",
    [
        {"eventType": "google.unknown"},
        {"eventType": 7},
        {"eventType": None},
        {"resource": "projects/_/buckets"},
        {"resource": {"service": "x"}},
        {"resource": 7},
        {"eventId": ""},
        {"eventId": None},
        {"timestamp": 7},
        {"data": None},
        {"data": []},
        {"data": "text"},
    ],
)
def test_a_misshapen_legacy_event_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BadEventError, match="a bucket event cannot be read"):
        codecs["bucket"].decode({**LEGACY_OBJECT, **changed})
