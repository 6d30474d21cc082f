"""What texts are read as paths, and to which trees."""

from __future__ import annotations

import pytest

from isthmus.workflows.json_path import paths
from isthmus.workflows.json_path.cursor import ExpressionError
from isthmus.workflows.json_path.segments import (
    Comparison,
    Condition,
    Constant,
    Descend,
    Exists,
    Filter,
    Function,
    Index,
    Indexes,
    Joined,
    Key,
    Keys,
    Negated,
    Path,
    Pattern,
    Segment,
    Slice,
    Wildcard,
)


@pytest.mark.parametrize(
    ("text", "base", "segments"),
    [
        ("$", "$", ()),
        ("$$", "$$", ()),
        ("$total", "total", ()),
        (" $.a ", "$", (Key("a"),)),
        ("$$.Execution.Id", "$$", (Key("Execution"), Key("Id"))),
        ("$order.items[0]", "order", (Key("items"), Index(0))),
        ("$größe[1]", "größe", (Index(1),)),
        ("$[-1]", "$", (Index(-1),)),
        ("$['a b']['c']", "$", (Key("a b"), Key("c"))),
        ("$.['a']", "$", (Key("a"),)),
        (r"""$["it\"s"]['\u00e4\n']""", "$", (Key('it"s'), Key("ä\n"))),
        ("$.delivery-partner.@type", "$", (Key("delivery-partner"), Key("@type"))),
        (r"$.foo\.bar\@baz\[\[.\?pretty", "$", (Key("foo.bar@baz[["), Key("?pretty"))),
        ("$.*[*][ * ]", "$", (Wildcard(), Wildcard(), Wildcard())),
        ("$['a', 'b']", "$", (Keys(("a", "b")),)),
        ("$[0, 2,-1]", "$", (Indexes((0, 2, -1)),)),
        ("$[1:3][1:][:-1]", "$", (Slice(1, 3), Slice(1, None), Slice(None, -1))),
        ("$..a..*..['b']", "$", (Descend(), Key("a"), Descend(), Wildcard(), Descend(), Key("b"))),
        ("$.a.length()", "$", (Key("a"), Function("length"))),
        ("$.a.index( 2 )", "$", (Key("a"), Function("index", (Constant(2),)))),
    ],
)
def test_a_path_is_a_base_and_segments(text: str, base: str, segments: tuple[Segment, ...]) -> None:
    path = paths.parse(text)

    assert (path.base, path.segments) == (base, segments)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("@.a", Exists(Path("@.a", "@", (Key("a"),)), present=True)),
        ("!@.a", Exists(Path("@.a", "@", (Key("a"),)), present=False)),
        ("@ == 1", Comparison(Path("@", "@", ()), "==", Constant(1))),
        ("@.a=='x'", Comparison(Path("@.a", "@", (Key("a"),)), "==", Constant("x"))),
        ("@ IN ['a', 1.5, null]", Comparison(Path("@", "@", ()), "in", Constant(["a", 1.5, None]))),
        ("@ =~ /a\\/b/i", Comparison(Path("@", "@", ()), "=~", Pattern("a/b", "i"))),
        ("@ == {'a': [true]}", Comparison(Path("@", "@", ()), "==", Constant({"a": [True]}))),
        (
            "@.a||@.b&&!(@.c>$.d)",
            Joined(
                "||",
                (
                    Exists(Path("@.a", "@", (Key("a"),)), present=True),
                    Joined(
                        "&&",
                        (
                            Exists(Path("@.b", "@", (Key("b"),)), present=True),
                            Negated(Comparison(Path("@.c", "@", (Key("c"),)), ">", Path("$.d", "$", (Key("d"),)))),
                        ),
                    ),
                ),
            ),
        ),
    ],
)
def test_a_filter_has_a_condition(text: str, condition: Condition) -> None:
    (segment,) = paths.parse(f"$[?({text})]").segments

    assert segment == Filter(condition)


@pytest.mark.parametrize(
    ("text", "definite"),
    [
        ("$", True),
        ("$.a[0]", True),
        ("$.a['b','c']", True),
        ("$.a['b','c'].d", False),
        ("$.a[0,1]", False),
        ("$.a[0:]", False),
        ("$.a.*", False),
        ("$..a", False),
        ("$.a[?(@.b)]", False),
        ("$.a.length()", True),
        ("$.a[*].length()", False),
        ("$..a.sum()", True),
    ],
)
def test_a_path_is_definite_where_it_can_select_one_value_alone(text: str, definite: bool) -> None:
    assert paths.parse(text).definite is definite


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "does not begin with '$'"),
        ("a.b", "does not begin with '$'"),
        ("$.", "a name is missing"),
        ("$.a.", "a name is missing"),
        ("$.a..", "a name is missing"),
        ("$...a", "a name is missing"),
        ("$a b", "'.' or '[' is expected"),
        ("$.a b", "has to stand in brackets and quotes"),
        ("$.a[", "is expected in the brackets"),
        ("$.a[]", "is expected in the brackets"),
        ("$.a[0", "']' is missing"),
        ("$.a[x]", "is expected in the brackets"),
        ("$.a[1-2]", "is expected in the brackets"),
        ("$.a[99999999999999999999]", "is expected in the brackets"),
        ("$.a[:]", "a slice is"),
        ("$.a[0:4:2]", "without a step"),
        ("$['a", "the closing ' is missing"),
        ("$['a',]", "a name in quotes is missing"),
        (r"$['\uzzzz']", "is no character"),
        ("$.a.nosuch()", "there is no function 'nosuch'; there are length"),
        ("$.a.index(1", "',' is missing"),
        ("$[?(@.a)", "']' is missing"),
        ("$[?@.a]", "'(' is missing"),
        ("$[?()]", "is expected"),
        ("$[?(1)]", "an operator is missing"),
        ("$[?(@.a = 1)]", "there is no operator '='"),
        ("$[?(@.a like 'b')]", "there is no operator 'like'"),
        ("$[?(@.a == )]", "is expected"),
        ("$[?(@.a == 1e999)]", "a smaller number"),
        ("$[?(@.a =~ /(/)]", "no regular expression"),
        ("$[?(@.a =~ /x)]", "the closing / is missing"),
        ("$[?(@.a == NaN)]", "is expected"),
    ],
)
def test_what_is_no_path_is_refused_with_the_reason_and_the_place(text: str, why: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        paths.parse(text)

    assert why in str(refused.value)
    assert "at character" in str(refused.value)


@pytest.mark.parametrize("text", ["$" + "[?(@" * 5_000, "$[?(" + "(" * 5_000, "$[?(@ in " + "[" * 5_000])
def test_a_path_that_is_nested_too_deep_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"nested too deep|is expected"):
        paths.parse(text)


def test_a_path_of_a_megabyte_is_read_and_refused_in_a_short_message() -> None:
    name = "x" * 1_000_000

    path = paths.parse(f"$.{name}")
    with pytest.raises(ExpressionError) as refused:
        paths.parse(f"$.{name} x")

    assert path.segments == (Key(name),)
    assert len(str(refused.value)) < 300
