from __future__ import annotations

import contextlib
import re
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest

from isthmus.workflows.jsonata import library, limits
from isthmus.workflows.jsonata.evaluation import Names
from isthmus.workflows.jsonata.expressions import UNDEFINED, ExpressionError, evaluate, syntax
from isthmus.workflows.jsonata.marks import expression_of

DATA = {"none": None, "text": "t", "rows": [{"x": None}, {"x": 1}], "empty": [], "one": [7], "big": 2**53 + 1}


def value_of(expression: str, **names: Any) -> Any:
    return evaluate(expression, Names({"states": {"input": DATA}, **names}))


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("{% $a %}", "$a"),
        ("{%$a%}", "$a"),
        ("{%%}", ""),
        (" {% $a %}", None),
        ("{% $a %} ", None),
        ("x {% $a %}", None),
        ("{%", None),
        ("{%}", None),
        (7, None),
        (None, None),
    ],
)
def test_an_expression_is_the_whole_of_a_text(text: object, expression: str | None) -> None:
    assert expression_of(text) == expression


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$states.input.text", "t"),
        ("$states.input.none", None),
        ("null", None),
        ("[null, 1]", [None, 1]),
        ("$states.input.rows.x", [None, 1]),
        ("$states.input.rows[x = null]", {"x": None}),
        ("$exists($states.input.none)", True),
        ("$exists($states.input.nothing)", False),
        ("$type($states.input.none)", "null"),
        ("$states.input.one", [7]),
        ("$states.input.one[0]", 7),
        ("$states.input.empty", []),
        ("{'a': $states.input.nothing, 'b': null}", {"b": None}),
        ("1 + 1", 2),
        ("4 / 2", 2),
        ("1 / 4", 0.25),
        ("5.5 % 2", 1.5),
        ("-7 % 3", -1),
        ("0.1 + 0.2", 0.1 + 0.2),
        ("$states.input.big", 2**53 + 1),
        ("true in [1]", False),
        ("'a' in ['a', 'b']", True),
        ("[1..3]", [1, 2, 3]),
        ("$count([1..1000])", 1000),
        ("$sum([1..10])", 55),
        ("$v := 7", 7),
        ("$string({'a': null, 'b': 1.0})", '{"a":null,"b":1}'),
        ("($f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f(20))", 2432902008176640000),
        ("($f := function($n) { $n = 0 ? 'done' : $f($n - 1) }; $f(2000))", "done"),
        ("$states.input ~> |$|{'text': 'u'}, ['rows', 'one', 'big', 'empty']|", {"none": None, "text": "u"}),
        ("$map(['1', '2'], $parse)", [1, 2]),
        ("($g := $replace(?, 'a', 'b'); $g('aa'))", "bb"),
    ],
)
def test_an_expression_comes_to_json(expression: str, value: Any) -> None:
    found = value_of(expression)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "expression", ["$nothing", "$states.nothing", "$states.input.text.a", "a", "$", "()", "$keys({})"]
)
def test_what_finds_nothing_is_undefined(expression: str) -> None:
    assert value_of(expression) is UNDEFINED


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$partition([1, 2, 3, 4, 5], 2)", [[1, 2], [3, 4], [5]]),
        ("$partition([], 2)", []),
        ("$range(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("$range(3, 1, -1)", [3, 2, 1]),
        ("$range(3, 1, 1)", []),
        ("$hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("$hash('a', 'MD5')", "0cc175b9c0f1b6a831c399e269772661"),
        ("$parse('{\"a\": [1, null]}')", {"a": [1, None]}),
        ("$parse('null')", None),
        ("$random(7) = $random(7)", True),
        ("$random(7) = $random(8)", False),
        ("$random() < 1", True),
        ("$replace('abc', 'b', '[$0]')", "a[b]c"),
        ("$replace('john smith', /(\\w+)\\s(\\w+)/, '$2, $1')", "smith, john"),
        ("$replace('265USD', /([0-9]+)USD/, '$$$1')", "$265"),
        ("$replace('abcdefghijklmno', /(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)(l)(m)/, '$8$5$12$12$18$123')", "hella8l3no"),
        ("$replace('aaa', 'a', 'b', 2)", "bba"),
        ("$replace('aaa', /a/, 'b', 2)", "bba"),
        ("$replace('aaa', /a/, function($m) { $uppercase($m.match) })", "AAA"),
        ("$replace('a', 'b', '$')", "a"),
        ("$distinct([1, 2, 1, '1', {'a': 1}, {'a': 1}])", [1, 2, "1", {"a": 1}]),
        ("$spread([{'a': 1, 'b': 2}, {'c': 3}])", [{"a": 1}, {"b": 2}, {"c": 3}]),
        ("$join(['a', 'b'], '-')", "a-b"),
        ("$pad('a', -3, '.')", "..a"),
        ("$toMillis('1970-01-01T00:00:01Z')", 1000),
        ("$toMillis('02/01/1970', '[D01]/[M01]/[Y0001]')", 86_400_000),
        ("$fromMillis(1510067557121)", "2017-11-07T15:12:37.121Z"),
    ],
)
def test_functions_do_what_they_are_documented_to(expression: str, value: Any) -> None:
    assert value_of(expression) == value


def test_a_uuid_is_random_and_of_version_4() -> None:
    first, second = value_of("$uuid()"), value_of("$uuid()")

    assert first != second
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", first)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("'a' + 1", "T2001: The left side of the "),
        ("1 / 0", "D1001"),
        ("1 % 0", "D1001"),
        ("$power(10, 400)", "threw an error"),
        ("$error('boom')", "boom"),
        ("$eval('1')", r"\$eval is not supported"),
        ("($e := $eval; $e('1'))", r"\$eval is not supported"),
        ("'a'('b')", "T1006"),
        ("$nothing()", "T1006"),
        ("1 +", "S0207"),
        ("$partition([1], 0)", "positive"),
        ("$range(1, 2, 0)", "step"),
        ("$range(1, 2, 0.5)", "integers"),
        ("$hash('a', 'ROT13')", "SHA-512"),
        ("$parse('{')", "threw an error"),
        ("$parse('NaN')", "NaN"),
        ("function($x) { $x }", "unsupported result type"),
        ("{'f': function($x) { $x }}", "unsupported result type"),
        ("/a/", "unsupported result type"),
        ("$sum", "unsupported result type"),
    ],
)
def test_what_fails_says_why(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        value_of(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "($f := function() { $f() }; $f())",
        "($f := function() { $f() + 1 }; $f())",
        "($__evaluate_entry := $nothing; $f := function() { $f() }; $f())",
        "[1, ($f := function() { $f() }; $f())]",
        "($y := function($f) { $f($f) }; $y($y))",
        "($d := function($s, $n) { $n = 0 ? $s : $d($s & $s, $n - 1) }; $d('aa', 60))",
        "($d := function($s, $n) { $n = 0 ? $s : $d($append($s, $s), $n - 1) }; $d([1], 60))",
        "$pad('a', 10000000000)",
        "$join($map([1..100000], function($v) { 'a' }), $pad('a', 100000))",
        "$replace($pad('', 100000, 'a'), 'a', $pad('', 100000, 'b'))",
        "$replace($pad('', 100000, 'a'), /a/, function($m) { $states.input.long })",
        "[1..10000000]",
        "$range(1, 100000000000, 1)",
        "[1..199999].([1..199999])",
        "$contains($pad('', 40, 'a') & '!', /^(a|a|b?)*$/)",
        "$map([1..100000], function($v) { $map([1..100000], function($w) { $w }) })",
        "(" * 20_000 + "1" + ")" * 20_000,
        "-" * 20_000 + "1",
        "'" * 100_001,
        "$formatBase(1e308, 2)",
        "($d := function($x, $n) { $n = 0 ? $x : $d([[$x], [$x]], $n - 1) }; $d(1, 60))",
        "($d := function($x, $n) { $n = 0 ? $x : $d({'a': $x, 'b': $x}, $n - 1) }; $string($d(1, 60)))",
        "($d := function($x, $n) { $n = 0 ? $x : $d($x ~> |$|{'a': $x, 'b': $x}|, $n - 1) }; $d({}, 60))",
        "$map([1..100000], function($v) { $states.input.long })",
        "$match($pad('', 2000000, 'a'), /a/)",
        "$split($pad('', 2000000, 'a'), /a/)",
        "$split($pad('', 2000000, 'a'), '')",
        "$sort([1..199999])",
        "$sort($map([1..199999], function($v) { -$v }))",
        "$formatNumber(1, $pad('', 1000000, '#'))",
        "$formatNumber(1, $pad('', 1000000, '#,'))",
        "$round(1.5, 1000000000)",
        "$round(1, -1000000000)",
        "$number($pad('', 2000000, '9'))",
        "$formatInteger(1e300, 'w')",
        "$formatInteger(1e15, 'I')",
        "$formatInteger(1e15, 'A')",
        "$parseInteger($pad('', 100000, 'M'), 'I')",
        "$fromMillis(1e300)",
        "$fromMillis(0, $pad('', 200000, '[Y]'))",
        "$toMillis($pad('', 40, 'a') & '!', '[MNn]' & $pad('', 60, '[MNn]'))",
        "$toMillis($pad('', 5000, '1') & 'x', $pad('', 300, '[Y]'))",
        "$distinct([1..199999])",
        "$states.input.**.**.**",
    ],
)
def test_an_expression_that_takes_too_much_is_ended(monkeypatch: pytest.MonkeyPatch, expression: str) -> None:
    monkeypatch.setattr("isthmus.workflows.jsonata.evaluation.SECONDS", 0.5)
    long = {"states": {"input": {"long": "x" * 100_000}}}
    start = time.monotonic()

    with contextlib.suppress(ExpressionError):
        evaluate(expression, Names(long))

    assert time.monotonic() - start < 60  # unbounded, it would take for ever


@pytest.mark.parametrize(
    "expression",
    [
        "($f := function($n) { $f($n + 1) + 1 }; $f(1))",
        "($f := function($n) { $map([1], function($v) { $f($n + 1) }) }; $f(1))",
        "($f := function($a, $b) { $sort([1, 2], $f) }; $f(1, 2))",
        "($f := function($m) { $replace('a', /a/, $f) }; $f(1))",
        "($f := function($a, $b) { $reduce([1, 2], $f) }; $f(1, 2))",
        "($f := function($v) { $filter([1], $f) }; $f(1))",
        "($f := function($v) { [1, 2]^($f($)) }; $f(1))",
        "(" * 20_000,
    ],
)
def test_no_recursion_blows_the_stack_of_a_small_thread(expression: str) -> None:
    said: list[str] = []

    def work() -> None:
        with pytest.raises(ExpressionError) as failed:
            value_of(expression)
        said.append(str(failed.value))

    before = threading.stack_size(2 * 1024 * 1024)
    thread = threading.Thread(target=work)
    thread.start()
    threading.stack_size(before)
    thread.join()

    assert "D1011" in said[0]


def test_a_tree_may_be_walked_by_recursion() -> None:
    tree: Any = {"n": 1, "below": []}
    leaf: Any = tree
    for _ in range(30):
        tree = {"n": 1, "below": [tree, leaf]}
    walk = "($w := function($t) { $t.n + $sum([0, $map($t.below, $w)]) }; $w($tree))"

    assert value_of(walk, tree=tree) == 61


def test_another_user_of_the_library_in_this_thread_is_left_alone() -> None:
    found: list[Any] = []

    def work() -> None:
        evaluate("1 + 1", Names({}))
        found.append(hasattr(library.jsonata().CURRENT, "jsonata"))

    evaluate("1 + 1", Names({}))
    thread = threading.Thread(target=work)  # parsed in this thread, evaluated in that one
    thread.start()
    thread.join()

    assert found == [False]


def test_hostile_data_is_read_as_any_other() -> None:
    deep: Any = 1
    for _ in range(200):
        deep = [deep]

    assert value_of("$deep", deep=deep) == deep
    assert value_of("$count($keys($many))", many={str(n): n for n in range(10_000)}) == 10_000


def test_data_that_is_nested_without_reason_ends_in_an_error() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(ExpressionError):
        value_of("$deep", deep=deep)


def test_nothing_that_an_expression_does_changes_the_data() -> None:
    data = {"rows": [{"a": 1}], "empty": []}

    evaluate("$data ~> |rows|{'a': 2}|", Names({"data": data}))
    evaluate("$data.empty.{'a': 1}", Names({"data": data}))
    evaluate("$append($data.rows, 1)", Names({"data": data}))

    assert data == {"rows": [{"a": 1}], "empty": []}


def test_the_limit_of_recursion_is_the_process_s_own_again() -> None:
    before = sys.getrecursionlimit()

    value_of("1 + 1")

    assert sys.getrecursionlimit() == before


def test_threads_evaluate_beside_each_other() -> None:
    wrong: list[Any] = []
    expression = "$sum($map($rows, function($v) { $v * $n })) & '-' & $uppercase($name)"

    def work(number: int) -> None:
        names: Mapping[str, Any] = {"rows": [1, 2, 3], "n": number, "name": f"t{number}"}
        for _ in range(50):
            found = evaluate(expression, Names(names))
            if found != f"{6 * number}-T{number}":
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert sys.getrecursionlimit() <= limits.ENTRIES


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("$a + 1", None),
        ("$evaluate('1')", None),
        ("'$eval(1)'", None),
        ("1 +", "S0207"),
        ("$eval('1')", "eval"),
        ("$map([1], function($v) { {'a': [$eval($v)]} })", "eval"),
        ("", "S0207"),
        ("((", "S0"),
        ("/(/", ""),
        ("/a", "S0302"),
        ("'" * 100_001, "100,000"),
        ("(" * 50_000, "D1011"),
    ],
)
def test_a_fault_of_syntax_is_told(expression: str, fault: str | None) -> None:
    found = syntax(expression)

    assert (found is None) == (fault is None)
    assert (fault or "") in (found or "")
