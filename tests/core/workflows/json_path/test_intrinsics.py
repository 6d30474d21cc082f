"""What texts are read as intrinsic functions, and to which trees."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.workflows.json_path import intrinsics
from isthmus.workflows.json_path.cursor import ExpressionError
from isthmus.workflows.json_path.intrinsics import Argument, Call, Text, Value, template_parts
from isthmus.workflows.json_path.segments import Index, Key, Path


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("States.Array()", ()),
        ("States.Array( )", ()),
        (" States.Array(1, -2.5 ,null,true, false) ", (Value(1), Value(-2.5), Value(None), Value(True), Value(False))),
        ("States.Array('a','')", (Text("a", "a"), Text("", ""))),
        (r"States.Array('it\'s \{\} \\')", (Text(r"it's {} \ ".strip(), r"it\'s \{\} \\"),)),
        ("States.Array('a, (b), {c}')", (Text("a, (b), {c}", "a, (b), {c}"),)),
        ("States.Array($)", (Path("$", "$", ()),)),
        ("States.Array($$.a , $b[0])", (Path("$$.a", "$$", (Key("a"),)), Path("$b[0]", "b", (Index(0),)))),
        ("States.Array($['a,)'])", (Path("$['a,)']", "$", (Key("a,)"),)),)),
        ("States.Array(States.UUID())", (Call("States.UUID", (), "States.UUID()"),)),
    ],
)
def test_a_function_has_a_name_and_arguments(text: str, arguments: tuple[Argument, ...]) -> None:
    call = intrinsics.parse(text)

    assert call == Call("States.Array", arguments, text.strip())
    assert [type(argument) for argument in call.arguments] == [type(argument) for argument in arguments]


def test_a_path_with_a_filter_is_one_argument() -> None:
    (first, second) = intrinsics.parse("States.Array($.a[?(@.b in ['x', \")\"] && @.c.length() > 1)], 2)").arguments

    assert isinstance(first, Path)
    assert second == Value(2)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "there is no function ''"),
        ("Hello", "there is no function"),
        ("States.Nothing()", "there is no function 'States.Nothing'; there are States.Format"),
        ("States.Array", "'(' has to follow"),
        ("States.Array (1)", "'(' has to follow"),
        ("States.Array(1", "',' is missing"),
        ("States.Array(1 2)", "',' is missing"),
        ("States.Array(,)", "is expected"),
        ("States.Array(1,)", "is expected"),
        ("States.Array(1) x", "nothing may come after it"),
        ("States.Array('a)", "the closing ' is missing"),
        (r"States.Array('a\b')", "a backslash has to escape"),
        ("States.Array('a\\", "a backslash has to escape"),
        ('States.Array("a")', "is expected"),
        ("States.Array(abc)", "is expected"),
        ("States.Array(1e999)", "a smaller number"),
        ("States.Array(NaN)", "is expected"),
        ("States.Array($.a[)", "expected in the brackets"),
        ("States.UUID(1)", "takes 0 arguments, and here are 1"),
        ("States.MathRandom(1)", "takes 2 to 3 arguments, and here are 1"),
        ("States.Format()", "takes 1 or more arguments, and here are 0"),
    ],
)
def test_what_is_no_intrinsic_function_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        intrinsics.parse(text)

    assert why in str(refused.value)


def nested(depth: int) -> str:
    return "States.Array(" * depth + ")" * depth


def test_functions_are_nested_ten_deep_at_most() -> None:
    assert intrinsics.parse(nested(10)).text == nested(10)
    for depth in (11, 100_000):
        with pytest.raises(ExpressionError, match="nested deeper than 10"):
            intrinsics.parse(nested(depth))


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("", [""]),
        ("{}", ["", ""]),
        ("a {} b {}{}", ["a ", " b ", "", ""]),
        (r"\{\} {} \'\\", ["{} ", " '\\"]),
        ("{a} { } }{", ["{a} { } }{"]),
        ("a\\nb", ["a\\nb"]),
    ],
)
def test_a_template_of_format_is_taken_apart(raw: str, parts: list[str]) -> None:
    assert list(template_parts(raw)) == parts


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_can_be_written_as_an_argument_and_is_read_again(text: str) -> None:
    escaped = "".join(f"\\{character}" if character in "'{}\\" else character for character in text)

    (argument,) = intrinsics.parse(f"States.Array('{escaped}')").arguments

    assert argument == Text(text, escaped)
    assert list(template_parts(escaped)) == [text]


@settings(deadline=None)
@given(st.lists(st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False)))
def test_any_constants_are_read_again(values: list[Any]) -> None:
    texts = [{None: "null", True: "true", False: "false"}.get(value, repr(value)) for value in map(plain, values)]

    call = intrinsics.parse(f"States.Array({', '.join(texts)})")

    assert call.arguments == tuple(Value(value) for value in map(plain, values))


def plain(value: Any) -> Any:
    """Return a number that Python does not take for true or false, and so for a key of the same name."""
    return value + 2 if not isinstance(value, bool) and value in (0, 1) else value
