"""The standard library: values from its pages, and what each function refuses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.emulators.gcp.workflows.ran import ran, returned, tags


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (
            'text.find_all_regex("HelloWorld", "Hello|World")',
            [{"index": 0, "match": "Hello"}, {"index": 5, "match": "World"}],
        ),
        ('text.find_all("aXbX", "X")', [{"index": 1, "match": "X"}, {"index": 3, "match": "X"}]),
        ('text.match_regex("abc", "^a.c$")', True),
        ('text.match_regex("abc", "b$")', False),
        ('text.replace_all("a.b.c", ".", "-")', "a-b-c"),
        ('text.replace_all_regex("one two", "one|two", "three")', "three three"),
        ('text.replace_all_regex("ab", "(a)", "[x]")', "[x]b"),
        ('text.split("a,b,,c", ",")', ["a", "b", "", "c"]),
        ('text.substring("hello", 2, 4)', "ll"),
        ('text.substring("hello", -10, 10)', "hello"),
        ('text.substring("hello", -3, 5)', "llo"),
        ('text.to_upper("äb")', "ÄB"),
        ('text.url_encode("a b/é")', "a%20b%2F%C3%A9"),
        ('text.url_encode_plus("a b")', "a+b"),
        ('text.url_decode("a%20b+c")', "a b c"),
        ('text.decode(text.encode("é"))', "é"),
        ('json.decode("{\\"a\\": [1, 1.5, 1e2, null]}").a', [1, 1.5, 100, None]),
        ('json.decode(json.encode(["é"]))[0]', "é"),
        ("json.encode_to_string([1, 1.0, 2.5])", "[1,1,2.5]"),
        ("json.encode_to_string(x)", '{"a":1,"b":"<é>"}'),
        ('base64.encode(text.encode("hi"))', "aGk="),
        ('base64.encode(text.encode("hi"), false)', "aGk"),
        ('text.decode(base64.decode("aGk="))', "hi"),
        ('base64.encode(hash.compute_checksum(text.encode("a"), "MD5"))', "DMF1ucDxtqgxw5niaXcmYQ=="),
        (
            'base64.encode(hash.compute_hmac(text.encode("k"), text.encode("a"), "SHA256"))',
            "eNqRUR5nVYf1ud94vt669VYNoqu4gWLuh13N90SVHZ4=",
        ),
        ("list.concat([1], [2])", [1, [2]]),
        ("list.prepend([1], 2)", [2, 1]),
        ('map.get(x, "a")', 1),
        ('map.get(x, "z")', None),
        ('map.get(x, ["a", "b"])', None),
        ('map.get("no map", "a")', None),
        ('map.delete(x, "b")', {"a": 1}),
        ('map.merge(x, map.delete(x, "a"))', {"a": 1, "b": "<é>"}),
        ("math.abs(-1)", 1),
        ("math.floor(-1.5)", -2),
        ("math.max(1, 1.5)", 1.5),
        ("math.min(1, 1.5)", 1),
        ("keys(x)", ["a", "b"]),
        ('len("é🆗")', 2),
        ("len(x)", 2),
        ('int("-12")', -12),
        ("int(2.7)", 2),
        ("int(-2.7)", -2),
        ('double("2.7")', 2.7),
        ("string(1.5) + string(2) + string(true)", "1.52true"),
        ("time.format(1720788633)", "2024-07-12T12:50:33.000000Z"),
        ('time.format(1720788633, "Europe/Paris")', "2024-07-12T14:50:33.000000+02:00"),
        ('time.format(0.5, "")', "1970-01-01T00:00:00.500000Z"),
        ('base64.encode(text.encode("é", "ISO-8859-1"))', "6Q=="),
        ("json.encode_to_string([1], true)", "[\n    1\n]"),
        ('time.parse("1970-01-01T01:00:01.5+01:00")', 1.5),
        ('sys.get_env("GOOGLE_CLOUD_PROJECT_ID")', "test-project"),
        ('sys.get_env("nothing", "else")', "else"),
    ],
)
def test_a_function_returns_what_its_page_says(expression: str, value: Any) -> None:
    assert returned(expression, {"a": 1, "b": "<é>"}) == value


@pytest.mark.parametrize(
    ("expression", "tag"),
    [
        ('text.match_regex("a", "(")', "ValueError"),
        ('text.match_regex("a", "(?=a)")', "ValueError"),
        ('text.match_regex("a", "(a)\\\\1")', "ValueError"),
        ('text.match_regex(1, "a")', "TypeError"),
        ('text.substring("a", 0.0, 1)', "TypeError"),
        ('text.split("a", null)', "TypeError"),
        ('text.decode("a")', "TypeError"),
        ('text.encode("é", "US-ASCII")', "ValueError"),
        ('text.encode("a", "klingon")', "ValueError"),
        ("json.encode_to_string([1], 2)", "TypeError"),
        ('json.encode(text.encode("a"))', "ValueError"),
        ('sys.get_env("a", 1)', "TypeError"),
        ('json.decode("{")', "ValueError"),
        ('json.decode("NaN")', "ValueError"),
        ("json.decode(1)", "TypeError"),
        ('base64.decode("?")', "ValueError"),
        ('base64.encode("text")', "TypeError"),
        ('hash.compute_checksum(text.encode("a"), "CRC")', "ValueError"),
        ("list.concat(1, 2)", "TypeError"),
        ("map.get(x, 1)", "TypeError"),
        ('map.get(x, ["a", 1])', "TypeError"),
        ("map.merge(x, null)", "TypeError"),
        ('math.floor("1")', "TypeError"),
        ("keys([])", "TypeError"),
        ("len(1)", "TypeError"),
        ("len(null)", "TypeError"),
        ('int("2.7")', "ValueError"),
        ('int("")', "ValueError"),
        ("int(1)", "TypeError"),
        ("double(1.5)", "TypeError"),
        ("int(null)", "TypeError"),
        ('double("x")', "ValueError"),
        ("string(x)", "TypeError"),
        ("string(null)", "TypeError"),
        ("if(1, 2, 3)", "TypeError"),
        ('time.parse("today")', "ValueError"),
        ('time.format(0, "Mars")', "ValueError"),
        ('sys.get_env("nothing")', "KeyError"),
    ],
)
def test_a_function_refuses_what_its_page_says(expression: str, tag: str) -> None:
    assert tags(expression, {"a": 1}) == [tag]


def test_nested_maps_are_merged() -> None:
    source = "main: {params: [x], steps: [{s: {return: '${map.merge_nested(x.a, x.b)}'}}]}"

    assert ran(source, {"a": {"m": {"x": 1, "y": 1}, "n": 1}, "b": {"m": {"y": 2}, "n": {"z": 3}}}).value == {
        "m": {"x": 1, "y": 2},
        "n": {"z": 3},
    }


def test_identifiers_are_random() -> None:
    one, other = returned("[uuid.generate(), uuid.generate()]")

    assert one != other
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one)


def test_a_call_step_names_the_arguments() -> None:
    source = (
        "- a: {call: text.replace_all, args: {source: aXb, substr: X, repl: '-'}, result: r}\n- b: {return: '${r}'}"
    )

    assert ran(source).value == "a-b"


def test_sleep_and_the_clock_go_together() -> None:
    source = """
- a: {assign: [{t: '${sys.now()}'}]}
- b: {call: sys.sleep, args: {seconds: 2.5}}
- c: {call: sys.sleep_until, args: {time: '${time.format(t + 10)}'}}
- d: {call: sys.sleep_until, args: {time: '${time.format(t)}'}}
- e: {return: '${sys.now() - t}'}
"""
    assert ran(source).value == 10


@pytest.mark.parametrize(
    ("call", "tag"),
    [
        ("sys.sleep, args: {seconds: 31536001}", "ValueError"),
        ("sys.sleep, args: {seconds: '1'}", "TypeError"),
        ("sys.sleep_until, args: {time: 1}", "TypeError"),
        ("sys.sleep_until, args: {time: tomorrow}", "ValueError"),
    ],
)
def test_a_sleep_has_an_end_within_a_year(call: str, tag: str) -> None:
    assert ran(f"- a: {{call: {call}}}").raised["tags"] == [tag]


def test_what_is_logged_is_kept_with_its_severity() -> None:
    source = "- a: {call: sys.log, args: {data: {a: 1}, severity: ERROR}}\n- b: {call: sys.log, args: {text: hi}}"

    assert ran(source).logs == (("ERROR", {"a": 1}), ("DEFAULT", "hi"))
    assert ran("- a: {call: sys.log, args: {data: 1, severity: LOUD}}").raised["tags"] == ["ValueError"]


def test_variables_of_the_environment_are_the_callers() -> None:
    outcome = ran("- a: {return: '${sys.get_env(\"COLOUR\")}'}", environment={"COLOUR": "red"})

    assert outcome.value == "red"
