"""Compiled machines come to what the local interpreter comes to: the language's odd corners, one by one."""

from __future__ import annotations

from functools import reduce
from typing import Any

import pytest

from tests.gcp.workflow.alike import both
from tests.gcp.workflow.played import Failed

PASS: dict[str, Any] = {"Type": "Pass", "End": True}
LIST = {"l": [{"v": 1}, {"v": 2, "w": 0}, {"v": 3, "s": "x"}], "v": 9, "n": {"v": "2"}}


def make(template: Any, **fields: Any) -> dict[str, Any]:
    return {"A": {"Type": "Pass", "Parameters": template, "End": True, **fields}}


def choice(**rule: Any) -> dict[str, Any]:
    return {
        "C": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"},
        "Yes": {"Type": "Pass", "Result": "yes", "End": True},
        "No": {"Type": "Pass", "Result": "no", "End": True},
    }


def agree(states: dict[str, Any], given: Any = None, answers: Any = None, **fields: Any) -> None:
    interpreted, compiled = both(states, given, answers, **fields)

    assert compiled == interpreted


@pytest.mark.parametrize(
    "path",
    [
        *("$", "$.l", "$.l[0]", "$.l[0].v", "$['l'][1]['w']", "$.l[-1]", "$.l[-9]", "$.l[9]", "$.missing", "$.l.v"),
        *("$.l[*]", "$.l[*].v", "$.l[*].w", "$.missing[*]", "$.n.*", "$.l[1:]", "$.l[:2]", "$.l[-1:]", "$.l[:-1]"),
        *("$.l[1:2]", "$.l[2:1]", "$.l[-2:-1]", "$.l[0,2]", "$.l[0,9].v", "$..v", "$..w", "$..missing", "$.l..v"),
        *("$.l[?(@.v > 1)]", "$.l[?(@.v >= 2 && @.w)].v", "$.l[?(@.v == 1 || @.s == 'x')].v", "$.l[?(!@.w)].v"),
        *("$.l[?(@.w)]", "$.l[?(@.v != 2)]", "$.l[?(@.v == '2')].v", "$.l[?(@.s < 'y')].v", "$.l[?(@.v < 'a')]"),
        *("$.l[?(@.v in [1, 3])].v", "$.l[?(@.v nin [1, 3])].v", "$.l[?(@.s == $.s)]", "$.n[?(@.v == 2)]"),
        *("$..[?(@.v > 2)]", "$.l[?(@.missing != 1)].v", "$.l[?(@['v'] == 3)]", "$.l.length()", "$.l[0]['v','w']"),
        *("$.l[*]['v','w']", "$..['v']", "$.v.v", "$.l[0][0]", "$$.Execution.Input.v", "$$.State.Name", "$x", "$x.y"),
    ],
)
def test_a_path_selects_the_same(path: str) -> None:
    agree(make({"a.$": path}), LIST)


@pytest.mark.parametrize(
    "function",
    [
        *(
            "States.Array()",
            "States.Array($.v, 'a', 1.5, null, true)",
            "States.ArrayLength($.l)",
            "States.ArrayLength(1)",
        ),
        *("States.ArrayPartition($.l, 2)", "States.ArrayPartition($.l, 0)", "States.ArrayPartition($.l, 1.5)"),
        *("States.ArrayContains($.l, $.l[0])", "States.ArrayContains($.v, 1)", "States.ArrayRange(1, 9, 2)"),
        *("States.ArrayRange(9, 1, -3)", "States.ArrayRange(1, 9, 0)", "States.ArrayRange(0, 1000, 1)"),
        *("States.ArrayRange(0, 999, 1)", "States.ArrayRange(5, 1, 1)", "States.ArrayGetItem($.l, 1)"),
        *(
            "States.ArrayGetItem($.l, 3)",
            "States.ArrayGetItem($.l, -1)",
            "States.ArrayUnique(States.Array(1, 1, 'a', 'a', null, null))",
        ),
        *(
            "States.Base64Encode('é ok')",
            "States.Base64Decode('w6kgb2s=')",
            "States.Base64Decode('%')",
            "States.Base64Encode($.v)",
        ),
        *(
            "States.Hash('abc', 'SHA-256')",
            "States.Hash('abc', 'MD5')",
            "States.Hash('é', 'SHA-1')",
            "States.Hash($.n, 'SHA-512')",
        ),
        *("States.Hash('a', 'SHA-384')", "States.Hash('a', 'CRC')", "States.JsonMerge($.n, $.l[1], false)"),
        *("States.JsonMerge($.n, $.l[1], true)", "States.JsonMerge(1, $.n, false)", "States.JsonToString($.n)"),
        *(
            "States.StringToJson('{\"a\": [1, null]}')",
            "States.StringToJson('')",
            "States.StringToJson('{')",
            "States.StringToJson($.v)",
        ),
        *(
            "States.MathAdd(1, 2)",
            "States.MathAdd(1.5, -1.5)",
            "States.MathAdd(2147483647, 1)",
            "States.MathAdd(2147483648, 1)",
        ),
        *(
            "States.MathAdd('1', 2)",
            "States.StringSplit('a,b;;c', ',;')",
            "States.StringSplit('a', '')",
            "States.StringSplit($.v, ',')",
        ),
        *(
            "States.Format('{} and {}', $.v, 'x')",
            "States.Format('{} {}', $.n, States.Array($.v, 'a', null))",
            "States.Format('\\{{}\\} it\\'s', $.n.v)",
        ),
        *(
            "States.Format($.n.v)",
            "States.Format('{}', null)",
            "States.Format('{}', States.MathAdd($.v, 1))",
            "States.Format('{}', $.missing)",
        ),
    ],
)
def test_an_intrinsic_function_returns_the_same(function: str) -> None:
    agree(make({"a.$": function}), LIST)


@pytest.mark.parametrize(
    "value",
    [1, 1.0, "1", "a", "", True, False, None, [], {}, "2020-01-01T00:00:00Z", "2020-01-01T01:00:00.000000001+01:00"],
)
@pytest.mark.parametrize(
    ("operator", "other"),
    [
        *(("StringEquals", "1"), ("StringLessThan", "b"), ("StringGreaterThanEquals", "a"), ("StringMatches", "*")),
        *(("NumericEquals", 1), ("NumericLessThan", 2), ("NumericGreaterThan", 0.5), ("BooleanEquals", True)),
        *(("TimestampEquals", "2020-01-01T00:00:00Z"), ("TimestampGreaterThan", "2020-01-01T00:00:00Z")),
        *(("TimestampLessThanEquals", "2020-01-01T00:00:00.000000001Z"), ("IsNull", True), ("IsNull", False)),
        *(("IsPresent", True), ("IsPresent", False), ("IsNumeric", True), ("IsString", False), ("IsBoolean", True)),
        *(("IsTimestamp", True), ("NumericEqualsPath", "$.one"), ("StringEqualsPath", "$.x")),
    ],
)
def test_a_rule_leads_to_the_same(operator: str, other: Any, value: Any) -> None:
    agree(choice(Variable="$.x", **{operator: other}), {"x": value, "one": 1})


@pytest.mark.parametrize(
    "rule",
    [
        {"Variable": "$.no", "StringEquals": "a"},
        {"Variable": "$.no", "IsPresent": True},
        {"Variable": "$.l[*].w", "IsPresent": True},
        {"Variable": "$.l[*].z", "IsPresent": True},
        {"Variable": "$nothing", "IsPresent": False},
        {"And": [{"Variable": "$.no", "IsPresent": True}, {"Variable": "$.no", "StringEquals": "a"}]},
        {"Or": [{"Variable": "$.v", "NumericEquals": 9}, {"Variable": "$.no", "StringEquals": "a"}]},
        {"Not": {"Or": [{"Variable": "$.v", "NumericEquals": 1}, {"Not": {"Variable": "$.v", "IsNumeric": True}}]}},
        {"And": [{"Or": [{"Variable": "$.v", "NumericEquals": 1}, {"Variable": "$.v", "NumericEquals": 9}]}]},
    ],
)
def test_rules_guard_one_another_alike(rule: dict[str, Any]) -> None:
    agree(choice(**rule), LIST)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        *(("a*.log\\*", "a(1)\n+.log*"), ("*", ""), ("a*", "ba"), ("*a*b", "xaxbb"), ("[a]", "a"), ("a\\\\*", "a\\b")),
        *(("a.c", "abc"), ("${x}*", "${x}y"), ("é*🆗", "é 🆗"), ('"*"', '"q"')),
    ],
)
def test_a_pattern_matches_the_same(pattern: str, text: str) -> None:
    agree(choice(Variable="$.x", StringMatches=pattern), {"x": text})


PLACES: list[tuple[str | None, Any]] = [
    *(("$.a.b", {"a": {"c": 1}}), ("$.a.b", {}), ("$.a.b", {"a": 5}), ("$.a[1]", {"a": [1, 2]})),
    *(
        ("$.a[2]", {"a": [1, 2]}),
        ("$.a[0].b", {"a": [{}]}),
        ("$.a", "text"),
        ("$.a", []),
        ("$[0]", [1]),
        (None, {"x": 1}),
    ),
    *((None, {"x": 1}), ("$['a b']['${c}']", {}), ("$.a['']", {"a": {}}), ("$.a.a.a.a.a", {"a": {"a": {}}})),
]


@pytest.mark.parametrize(("path", "given"), PLACES)
def test_a_result_is_put_in_the_same_place(path: str | None, given: Any) -> None:
    agree({"A": {"Type": "Pass", "Result": {"r": [1]}, "ResultPath": path, "End": True}}, given)


@pytest.mark.parametrize(
    "text",
    [
        'q"\\ ${x} }{ é🆗\n',
        "z" * 900,
        'x"y\\z\n${a} é🆗 ' * 40,
        "$~{${",
        "${",
        "yes",
        "1e3",
        "0x1F",
        "~",
        "- a",
        "a: b",
        "\t",
        "'",
    ],
)
def test_any_text_stays_what_it_is(text: str) -> None:
    template = {"a": text, text[:50]: {"b": [text]}}

    agree(make(template))
    agree({"A": {"Type": "Pass", "Result": template, "End": True}})
    agree(choice(Variable="$.x", StringEquals=text), {"x": text})
    agree(make({"a.$": f"$[{_quoted(text)}]"}), {text: 1})


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


DEEP: dict[str, Any] = reduce(lambda inner, number: {f"key_{number}": inner}, range(60), {"z": 7})


@pytest.mark.parametrize(
    ("states", "given"),
    [
        (make({"v.$": "$" + "".join(f".key_{number}" for number in reversed(range(60))) + ".z"}), DEEP),
        (make({"v.$": f"States.Format('{'{}-' * 40}'{', $.some_long_key' * 40})"}), {"some_long_key": "ab"}),
        (make({"v.$": "$.n", "w.$": "States.MathAdd($.m, 1)"}), {"n": 9007199254740993, "m": 5}),
        ({"A": {**PASS, "InputPath": None}}, {"a": 1}),
        ({"A": {**PASS, "OutputPath": None}}, {"a": 1}),
        ({"A": {**PASS, "InputPath": "$.a", "OutputPath": "$.b"}}, {"a": {"b": 2}}),
        ({"A": {"Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b"}}, {"a": {"b": 2}}),
        ({"A": {"Type": "Fail"}}, {}),
        ({"A": {"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('{}', $.e)"}}, {"e": "X"}),
        ({"A": {"Type": "Fail", "ErrorPath": "$.e"}}, {"e": 1}),
        ({"A": {"Type": "Wait", "SecondsPath": "$.s", "End": True}}, {"s": 3}),
        ({"A": {"Type": "Wait", "SecondsPath": "$.s", "End": True}}, {"s": -3}),
        ({"A": {"Type": "Wait", "SecondsPath": "$.s", "End": True}}, {"s": 1.5}),
        ({"A": {"Type": "Wait", "TimestampPath": "$.t", "End": True}}, {"t": "2020-01-01T00:00:00Z"}),
        ({"A": {"Type": "Wait", "TimestampPath": "$.t", "End": True}}, {"t": "tomorrow"}),
        ({"C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": True, "Next": "A"}]}, "A": PASS}, {"x": 1}),
        (
            {
                "A": {**PASS, "Assign": {"x.$": "$.a", "y": [1]}, "Next": "B", "End": False},
                "B": make({"v.$": "$x", "w.$": "$y[0]"})["A"],
            },
            {"a": 5},
        ),
        (
            {
                "A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
                "B": {"Type": "Pass", "Assign": {"x": 2, "y.$": "$x"}, "Next": "C"},
                "C": make({"x.$": "$x", "y.$": "$y"})["A"],
            },
            {},
        ),
        (
            {
                "end": {"Type": "Pass", "Next": "continue"},
                "continue": {"Type": "Pass", "Next": "1 ünïcode/~ state"},
                "1 ünïcode/~ state": make({"n.$": "$$.State.Name"})["A"],
            },
            {},
        ),
        (
            {
                "a b": {"Type": "Pass", "Next": "a_b"},
                "a_b": {"Type": "Pass", "Next": "a-b"},
                "a-b": make({"n.$": "$$.State.Name"})["A"],
            },
            {},
        ),
        (
            {
                "Loop": {"Type": "Pass", "Parameters": {"i.$": "States.MathAdd($.i, 1)"}, "Next": "More"},
                "More": {
                    "Type": "Choice",
                    "Choices": [{"Variable": "$.i", "NumericLessThan": 50, "Next": "Loop"}],
                    "Default": "Z",
                },
                "Z": PASS,
            },
            {"i": 0},
        ),
    ],
)
def test_data_flow_alike(states: dict[str, Any], given: Any) -> None:
    agree(states, given)


@pytest.mark.parametrize("number", [0, 7, 59])
def test_a_choice_may_have_more_rules_than_a_switch_has_conditions(number: int) -> None:
    rules = [{"Variable": "$.n", "NumericEquals": each, "Next": f"Y{each}"} for each in range(60)]
    ends = {f"Y{each}": {"Type": "Pass", "Result": each, "End": True} for each in range(60)}

    agree({"C": {"Type": "Choice", "Choices": rules}, **ends}, {"n": number})


def test_a_choice_assigns_by_the_rule_that_holds() -> None:
    states = {
        "C": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "NumericEquals": 1, "Assign": {"x.$": "$.a"}, "Next": "Z"}],
            "Default": "Z",
            "Assign": {"x": "default"},
            "OutputPath": "$.a",
        },
        "Z": make({"x.$": "$x", "d.$": "$"})["A"],
    }

    agree(states, {"a": 1})
    agree(states, {"a": 2})


def test_what_a_task_comes_to_flows_alike() -> None:
    task = {
        "Type": "Task",
        "Resource": "shop.work",
        "InputPath": "$.order",
        "Parameters": {"id.$": "$.id", "all.$": "$$.Execution.Input.order"},
        "ResultSelector": {"total.$": "$.sum", "twice.$": "States.Array($.sum, $.sum)"},
        "ResultPath": "$.order.result",
        "OutputPath": "$.order",
        "Assign": {"raw.$": "$.sum"},
        "Next": "Z",
    }

    agree({"T": task, "Z": make({"raw.$": "$raw", "d.$": "$"})["A"]}, {"order": {"id": 1}}, {"T": [{"sum": 5}]})


@pytest.mark.parametrize(
    "answers",
    [[Failed("A"), 1], [Failed("A")], [Failed("B"), Failed("A"), Failed(status=503), 2], [Failed(status=503)]],
)
def test_retries_and_catchers_are_counted_alike(answers: list[Any]) -> None:
    task = {
        "Type": "Task",
        "Resource": "shop.work",
        "Retry": [
            {"ErrorEquals": ["A"], "MaxAttempts": 1},
            {"ErrorEquals": ["Lambda.ServiceException", "B"], "MaxAttempts": 2},
        ],
        "Catch": [
            {"ErrorEquals": ["ServiceError"], "Next": "S", "ResultPath": "$.s"},
            {"ErrorEquals": ["States.TaskFailed"], "Next": "F"},
        ],
        "End": True,
    }

    agree({"T": task, "S": make({"e.$": "$.s.Error"})["A"], "F": PASS}, {"i": 1}, {"T": answers})


@pytest.mark.parametrize("given", [{}, 5, [1], {"e": 1}])
@pytest.mark.parametrize("catcher", [{"ResultPath": "$.e.f"}, {"ResultPath": None}, {"Assign": {"x.$": "$.missing"}}])
def test_a_catcher_that_cannot_take_an_error_leaves_it_uncaught_alike(given: Any, catcher: dict[str, Any]) -> None:
    catch = [{"ErrorEquals": ["A"], "Next": "F", **catcher}]
    task = {"Type": "Task", "Resource": "shop.work", "Catch": catch, "End": True}

    agree({"T": task, "F": make({"d.$": "$"})["A"]}, given, {"T": [Failed("A")]})
