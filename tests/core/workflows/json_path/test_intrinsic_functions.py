"""What the eighteen intrinsic functions return, by the documentation and the recordings."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.workflows.states_error import INTRINSIC, RUNTIME
from tests.core.workflows.json_path.states import computed, failed, scope

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
SOME: Any = {
    "name": "Ann",
    "template": "It's {}!",
    "object": {"Id": 1, "Names": ["a", None, True, 1.5], "In": {"x": "y z"}},
    "mixed": [None, True, False, 1, 1.0, 0, "1", [], [], [1], {"a": 1, "b": [2]}, {"b": [2], "a": 1}, 1],
    "nine": [1, 2, 3, 4, 5, 6, 7, 8, 9],
    "json": '{"number": 20}',
    "one": {"a": {"a1": 1}, "b": 2},
    "two": {"a": {"a3": 3}, "c": 4},
    "long": "x" * 10_001,
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("States.Format('Hello')", "Hello"),
        ("States.Format('{} is {} and {}, {}', $.name, 1.5, null, true)", "Ann is 1.5 and null, true"),
        ("States.Format('{}', $.object)", "{Id=1, Names=[a, null, true, 1.5], In={x=y z}}"),
        (r"States.Format('\{\} {} \'s \\', $.name)", "{} Ann 's \\"),
        ("States.Format($.template, $.name)", "It's Ann!"),
        ("States.Format('{name} {}', $.name)", "{name} Ann"),
        ("States.StringToJson($.json)", {"number": 20}),
        ("States.StringToJson('')", None),
        ("States.StringToJson('-0')", 0),
        ("States.StringToJson('{\"a\": [1]}')", {"a": [1]}),
        ("States.JsonToString($.one)", '{"a":{"a1":1},"b":2}'),
        ("States.JsonToString('ä')", '"ä"'),
        ("States.Array('Foo', 2020, $.one, null)", ["Foo", 2020, SOME["one"], None]),
        ("States.ArrayPartition($.nine, 4)", [[1, 2, 3, 4], [5, 6, 7, 8], [9]]),
        ("States.ArrayPartition($.nine, 4.4)", [[1, 2, 3, 4], [5, 6, 7, 8], [9]]),
        ("States.ArrayContains($.nine, 5)", True),
        ("States.ArrayContains($.nine, '5')", False),
        ("States.ArrayContains($.mixed, $.mixed[11])", True),
        ("States.ArrayContains(States.Array(0), false)", False),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayRange(5, 1, -2)", [5, 3, 1]),
        ("States.ArrayRange(1, 5, -1)", []),
        ("States.ArrayRange(3, 3, 1)", [3]),
        ("States.ArrayRange(0.5, 3.4, 1)", [1, 2, 3]),
        ("States.ArrayRange(1, 1000, 1)", list(range(1, 1001))),
        ("States.ArrayGetItem($.nine, 5)", 6),
        ("States.ArrayLength($.nine)", 9),
        ("States.ArrayLength($.nine[?(@ > 7)])", 2),
        ("States.ArrayUnique($.mixed)", [None, True, False, 1, 0, "1", [], [1], {"a": 1, "b": [2]}]),
        ("States.Base64Encode('Data to encode')", "RGF0YSB0byBlbmNvZGU="),
        ("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", "Data to encode"),
        ("States.Base64Decode(States.Base64Encode('ä€'))", "ä€"),
        ("States.Hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("States.Hash('', 'MD5')", "d41d8cd98f00b204e9800998ecf8427e"),
        (
            "States.Hash('Hash this string', 'SHA-256')",
            "1cac63f39fd68d8c531f27b807610fb3d50f0fc3f186995767fb6316e7200a3e",
        ),
        ("States.JsonMerge($.one, $.two, false)", {"a": {"a3": 3}, "b": 2, "c": 4}),
        ("States.MathAdd(111, -1)", 110),
        ("States.MathAdd(-0.5, 0.5)", 1),
        ("States.MathAdd(2147483647, 2147483647)", 4294967294),
        ("States.MathRandom(7, 8)", 7),
        ("States.StringSplit('1,2,3', ',')", ["1", "2", "3"]),
        ("States.StringSplit('This.is+a,test=string', '.+,=')", ["This", "is", "a", "test", "string"]),
        ("States.StringSplit('^a]b-c\\\\', '\\\\]^-')", ["a", "b", "c"]),
        ("States.StringSplit(',,a,', ',')", ["a"]),
        ("States.StringSplit('', ',')", []),
        ("States.StringSplit('a b', '')", ["a b"]),
        ("States.ArrayGetItem(States.StringSplit($.name, 'n'), States.MathAdd(States.ArrayLength($.nine), -9))", "A"),
    ],
)
def test_a_function_returns_what_the_documentation_says(text: str, value: Any) -> None:
    found = computed(text, scope(SOME))

    assert found == value
    assert json.dumps(found) == json.dumps(value)  # true is not 1


@pytest.mark.parametrize("length", [128, 96])
def test_every_algorithm_hashes(length: int) -> None:
    assert len(computed(f"States.Hash('a', 'SHA-{length * 4}')", scope())) == length


def test_what_is_hashed_is_json_unless_it_is_a_text() -> None:
    assert computed("States.Hash($.a, 'MD5')", scope({"a": {"b": 1}})) == computed(
        "States.Hash(States.JsonToString($.a), 'MD5')", scope({"a": {"b": 1}})
    )


def test_a_uuid_is_a_new_one_each_time() -> None:
    found = {computed("States.UUID()", scope()) for _ in range(20)}

    assert len(found) == 20
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", one) for one in found
    )


def test_a_random_number_lies_between_its_ends_and_the_upper_one_is_excluded() -> None:
    assert {computed("States.MathRandom(1, 4)", scope()) for _ in range(200)} == {1, 2, 3}
    assert {computed("States.MathRandom(-1.6, 0.4)", scope()) for _ in range(200)} == {-2, -1}


def test_the_same_seed_gives_the_same_number() -> None:
    numbers = [computed(f"States.MathRandom(0, 1000000, {seed})", scope()) for seed in (1, 1, 2, 3)]

    assert numbers[0] == numbers[1]
    assert len(set(numbers)) == 3


@pytest.mark.parametrize(
    "text",
    [
        "States.Format('{}')",
        "States.Format('', 1)",
        "States.Format(1)",
        "States.StringToJson('{')",
        "States.StringToJson('NaN')",
        "States.StringToJson('1e999')",
        "States.StringToJson('1 2')",
        "States.StringToJson(1)",
        "States.StringToJson($.deep)",
        "States.ArrayPartition($.nine, 0)",
        "States.ArrayPartition($.nine, -1)",
        "States.ArrayPartition($.nine, '4')",
        "States.ArrayPartition('nine', 4)",
        "States.ArrayContains($.one, 1)",
        "States.ArrayRange(1, 9, 0)",
        "States.ArrayRange(1, 1001, 1)",
        "States.ArrayRange(1, 99999999999999999999, 1)",
        "States.ArrayRange(1, true, 1)",
        "States.ArrayGetItem($.nine, 9)",
        "States.ArrayGetItem($.nine, -1)",
        "States.ArrayLength('nine')",
        "States.ArrayUnique(null)",
        "States.Base64Encode($.long)",
        "States.Base64Encode($.one)",
        "States.Base64Decode($.long)",
        "States.Base64Decode('not base 64')",
        "States.Base64Decode('/w==')",
        "States.Hash('a', 'SHA-0')",
        "States.Hash('a', 1)",
        "States.Hash($.long, 'MD5')",
        "States.Hash($.mixed[?(@ == 7)], $.nine)",
        "States.JsonMerge($.one, $.two, true)",
        "States.JsonMerge($.one, $.two, 'false')",
        "States.JsonMerge($.one, $.nine, false)",
        "States.MathRandom(1, 1)",
        "States.MathRandom(2, 1)",
        "States.MathRandom('1', 2)",
        "States.MathAdd(2147483648, 0)",
        "States.MathAdd(0, -2147483649)",
        "States.MathAdd(1, null)",
        "States.StringSplit(1, ',')",
        "States.StringSplit('a', null)",
    ],
)
def test_a_function_fails_for_what_it_cannot_take(text: str) -> None:
    error = failed(text, scope(SOME))

    assert error.error == INTRINSIC
    assert error.cause.startswith(f"The function '{text}' had the following error: ")


def test_a_path_that_selects_nothing_is_the_fault_of_the_state_and_not_of_the_function() -> None:
    error = failed("States.Array(States.Format('{}', $.nosuch))", scope({"a": 1}))

    assert error.error == RUNTIME
    assert error.cause == (
        "The function 'States.Format('{}', $.nosuch)' had the following error: "
        """The JsonPath argument for the field '$.nosuch' could not be found in the input '{"a":1}'"""
    )


def test_data_that_are_nested_too_deep_for_a_text_are_a_failure() -> None:
    data: Any = []
    for _ in range(20_000):
        data = [data]

    assert failed("States.JsonToString($)", scope(data)).error == RUNTIME
    assert failed("States.Format('{}', $)", scope(data)).error == RUNTIME
    while data:  # taken apart, since the interpreter frees nested lists by recursion
        data = data.pop()


@settings(deadline=None)
@given(JSON)
def test_what_is_written_as_json_is_read_again(value: Any) -> None:
    assert computed("States.StringToJson(States.JsonToString($.v))", scope({"v": value})) == value


@settings(deadline=None)
@given(st.lists(JSON, max_size=8))
def test_what_is_unique_is_contained_once(values: list[Any]) -> None:
    seen = scope({"values": values})

    unique = computed("States.ArrayUnique($.values)", seen)

    for value in values:
        one = scope({"unique": unique, "value": value})
        assert computed("States.ArrayContains($.unique, $.value)", one)
    assert len({json.dumps(value, sort_keys=True) for value in values}) == len(unique)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_what_is_encoded_is_decoded_again(text: str) -> None:
    assert computed("States.Base64Decode(States.Base64Encode($.text))", scope({"text": text})) == text
