"""Expressions: what is documented, and refusals of what is not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulators.gcp.workflows.ran import ran, refused, returned, tags


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-2 + 1", -1),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("7 % 4", 3),
        ("7 / 2", 3.5),
        ("1 + 0.5", 1.5),
        ('"a" + "b"', "ab"),
        ("1 == 1.0", True),
        ("x == null", True),
        ("1 != 2 and 2 >= 2", True),
        ("true OR false", True),
        ("NOT FALSE", True),
        ('not ("a" in ["b"])', True),
        ('"a" in ["b", "a"]', True),
        ('"say \\"hi\\" \\\\ \\n"', 'say "hi" \\ \n'),
        ("[1, 2][1]", 2),
        ("true in [1, 0]", False),
        ("1 in [1.0]", True),
        ("[null] == [0]", False),
        ("[1, [2.0]] == [1.0, [2]]", True),
        ('if(1 < 2, "yes", "no")', "yes"),
        ('default(x, "none")', "none"),
    ],
)
def test_an_expression_has_its_value(expression: str, value: Any) -> None:
    assert returned(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [("x.a.b", 1), ('x["a"]["b"]', 1), ("x.l[1]", 20), ('"a" in x', True), ('x["a-b"]', 3), ("x.l[x.a.b]", 20)],
)
def test_members_are_reached_by_names_and_by_indices(expression: str, value: Any) -> None:
    assert returned(expression, {"a": {"b": 1}, "l": [10, 20], "a-b": 3}) == value


@pytest.mark.parametrize(
    ("expression", "tag"),
    [
        ('"a" + 1', "TypeError"),
        ("true + 1", "TypeError"),
        ("not 1", "TypeError"),
        ("1 and true", "TypeError"),
        ('1 == "1"', "TypeError"),
        ("null < 1", "TypeError"),
        ("true < false", "TypeError"),
        ('"a" in "abc"', "TypeError"),
        ("1 / 0", "ZeroDivisionError"),
        ("1 // 0", "ZeroDivisionError"),
        ("1 % 0", "ZeroDivisionError"),
        ("x.a", "KeyError"),
        ("x.l[2]", "IndexError"),
        ("x.l[-1]", "IndexError"),
        ("x.l[0.0]", "TypeError"),
        ("x.l.a", "TypeError"),
        ("x[1]", "TypeError"),
        ("9223372036854775807 + 1", "SystemError"),
    ],
)
def test_an_expression_that_cannot_be_evaluated_has_the_tag_of_its_error(expression: str, tag: str) -> None:
    assert tags(expression, {"l": [1, 2]}) == [tag]


def test_and_and_or_do_not_look_at_what_does_not_count() -> None:
    assert returned("false and 1 / 0 == 1") is False
    assert returned("true or 1 / 0 == 1") is True


def test_not_binds_more_than_a_comparison_as_the_order_of_operations_says() -> None:
    assert tags('not "a" in x', {"a": 1}) == ["TypeError"]
    assert returned("not true == false") is True


def test_comparisons_bind_alike_from_the_left() -> None:
    assert returned("1 < 2 == true") is True
    assert tags("true == 1 < 2") == ["TypeError"]


def test_integers_keep_all_of_their_64_bits() -> None:
    assert returned("x + 1", 9007199254740993) == 9007199254740994


def test_a_double_without_a_fraction_is_written_like_an_integer() -> None:
    outcome = ran('- s: {return: "${4 / 2}"}')

    assert outcome.result == "2"


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("1 +", "unexpected"),
        ("", "unexpected"),
        ("(1", "extraneous input"),
        ("'a'", "token recognition error"),
        ("x &&x", "token recognition error"),
        ('{"a": 1}', "token recognition error"),
        ('"\\u00e9"', "escape"),
        ("a not in x", "extraneous input"),
        ("99999999999999999999", "64 bits"),
        ("nobody", "symbol 'nobody' is neither a variable nor a sub-workflow name"),
        ("nothing(1)", "unknown function"),
        ("type(x)", "unknown function"),
        ("len()", "missing argument"),
        ("len(x, x)", "too many arguments"),
        ("sys.sleep(1)", "blocks"),
        ('http.get("http://a")', "blocks"),
        ("x" + " + x" * 100, "too long"),
        ("(" * 150 + "1" + ")" * 150, "nested too deep"),
    ],
)
def test_what_is_no_documented_expression_is_not_deployed(expression: str, reason: str) -> None:
    quoted = expression.replace("'", "''")

    assert reason in refused(f"main:\n  params: [x]\n  steps:\n  - s: {{return: '${{{quoted}}}'}}\n")


def test_an_expression_of_400_characters_is_deployed_and_one_more_is_not() -> None:
    longest = f'${{"{"a" * (400 - 5)}"}}'

    assert len(longest) == 400
    assert len(ran(f"- s: {{return: '{longest}'}}").value) == 395
    assert "too long" in refused(f"- s: {{return: '{longest.replace('a', 'aa', 1)}'}}")


@pytest.mark.parametrize("text", ["a ${x} b", "${x}${x} ", " ${x}", "$ ${", "a${"])
def test_a_string_that_only_has_an_expression_in_it_is_refused(text: str) -> None:
    assert "${" in refused(f"- a: {{assign: [x: 1]}}\n- s: {{return: '{text}'}}\n".replace("[x: 1]", "[{x: 1}]"))


def test_keys_of_maps_may_be_expressions_and_numbers() -> None:
    source = "- a: {assign: [{k: b}, {m: {'${k}': 1, '${k + k}': 2, 3: 4}}]}\n- r: {return: '${m}'}\n"

    assert ran(source).value == {"b": 1, "bb": 2, "3": 4}
