from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import InvalidValueError, TooLargeError
from isthmus.outgoing import (
    ATTRIBUTE_LIMIT,
    DELAY_LIMIT,
    HINT,
    MESSAGE_LIMIT,
    check_delay,
    check_order,
    checked_record_key,
    prepare,
)


def test_a_message_has_its_bytes_its_attributes_and_the_envelope() -> None:
    data, given, carried = prepare({"a": 1}, {"type": "x"})

    assert data == b'{"a":1}'
    assert given == {"type": "x"}
    assert carried["type"] == "x"
    assert carried["isthmus-content-type"] == "application/json"
    assert len(carried["isthmus-correlation-id"]) == 32


def test_numbers_stay_numbers_and_travel_as_text() -> None:
    _, given, carried = prepare({}, {"amount": 1.5, "count": 3}, numbers=True)

    assert given == {"amount": 1.5, "count": 3}
    assert (carried["amount"], carried["count"]) == ("1.5", "3")


@pytest.mark.parametrize("value", [1, 1.5, None, True, b"x", ["x"], "", "a\x00", "\ud800", "\ufffe"], ids=repr)
def test_an_attribute_that_is_no_plain_text_is_refused(value: Any) -> None:
    with pytest.raises(InvalidValueError, match="attribute 'a'"):
        prepare({}, {"a": value})


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 2**63, -(2**63) - 1, True, None], ids=repr)
def test_an_attribute_that_no_filter_could_compare_is_refused(value: Any) -> None:
    with pytest.raises(InvalidValueError, match="attribute 'a'"):
        prepare({}, {"a": value}, numbers=True)


@pytest.mark.parametrize("name", ["", "a b", "é", ".a", "a.", "a..b", "x" * 257, "isthmus-x", 7, "a\n"], ids=repr)
def test_a_name_that_not_every_provider_takes_is_refused(name: Any) -> None:
    with pytest.raises(InvalidValueError):
        prepare({}, {name: "x"})


def test_a_name_that_the_provider_keeps_for_itself_is_refused_in_whichever_case() -> None:
    with pytest.raises(InvalidValueError, match="keeps names that start so"):
        prepare({}, {"Cloud.x": "1"}, reserved=("cloud.",))

    assert prepare({}, {"cloudy": "1"}, reserved=("cloud.",))[1] == {"cloudy": "1"}


def test_a_message_has_room_for_no_more_attributes_than_the_envelope_leaves() -> None:
    most = {f"a{position}": "x" for position in range(ATTRIBUTE_LIMIT)}

    assert prepare({}, most)[1] == most
    with pytest.raises(InvalidValueError, match="at most 6 attributes, not 7"):
        prepare({}, {**most, "one": "more"})


def test_a_message_over_the_limit_says_what_to_do_instead() -> None:
    with pytest.raises(TooLargeError, match="claim check") as caught:
        prepare(b"x" * MESSAGE_LIMIT, None)

    assert caught.value.limit == MESSAGE_LIMIT
    assert str(caught.value).endswith(HINT)


@pytest.mark.parametrize("delay", [-1, DELAY_LIMIT + 0.1, float("nan"), float("inf")])
def test_a_delay_that_not_every_provider_knows_is_refused(delay: float) -> None:
    check_delay(0)
    check_delay(DELAY_LIMIT)

    with pytest.raises(InvalidValueError, match="0 to 900 seconds"):
        check_delay(delay)


def ordered(*, fifo: bool, delay: float | None = None, group: Any = None, deduplicate: Any = None) -> None:
    check_order("Work", fifo=fifo, delay=delay, group=group, deduplicate=deduplicate)


def test_options_that_fit_the_queue_are_taken() -> None:
    ordered(fifo=False)
    ordered(fifo=False, delay=900)
    ordered(fifo=True, group="g")
    ordered(fifo=True, group="!" * 128, deduplicate="~" * 128)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"fifo": True}, "say which messages stay in order"),
        ({"fifo": True, "deduplicate": "d"}, "say which messages stay in order"),
        ({"fifo": True, "group": "g", "delay": 0}, "no delay of their own"),
        ({"fifo": False, "group": "g"}, "fifo=True"),
        ({"fifo": False, "deduplicate": "d"}, "fifo=True"),
        ({"fifo": False, "delay": 901}, "0 to 900 seconds"),
        ({"fifo": True, "group": ""}, "group is 1 to 128"),
        ({"fifo": True, "group": "x" * 129}, "group is 1 to 128"),
        ({"fifo": True, "group": "a b"}, "group is 1 to 128"),
        ({"fifo": True, "group": 7}, "group is 1 to 128"),
        ({"fifo": True, "group": "g", "deduplicate": "é"}, "deduplicate is 1 to 128"),
    ],
)
def test_options_that_do_not_fit_the_queue_are_refused(options: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        ordered(**options)


def test_a_records_key_is_any_text_of_up_to_256_characters() -> None:
    assert checked_record_key("é" * 256) == "é" * 256


@pytest.mark.parametrize("key", ["", "x" * 257, "\ud800", b"x", 7, None], ids=repr)
def test_a_records_key_that_not_every_provider_takes_is_refused(key: Any) -> None:
    with pytest.raises(InvalidValueError, match="a record's key"):
        checked_record_key(key)
