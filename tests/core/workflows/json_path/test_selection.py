"""What paths select, as Jayway's JsonPath does and the recordings show."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.workflows.states_error import RUNTIME
from tests.core.workflows.json_path.states import computed, failed, scope

STORE: Any = {
    "store": {
        "book": [
            {"category": "reference", "author": "Rees", "title": "Sayings", "price": 8.95},
            {"category": "fiction", "author": "Waugh", "title": "Sword", "price": 12.99},
            {"category": "fiction", "author": "Melville", "title": "Moby Dick", "isbn": "0-553", "price": 8.99},
            {"category": "fiction", "author": "Tolkien", "title": "The Lord", "isbn": "0-395", "price": 22.99},
        ],
        "bicycle": {"color": "red", "price": 19.95},
    },
    "expensive": 10,
    "numbers": [5, 1, 4.5, "x"],
    "tags": [["a", "b"], ["b"], [], "b"],
    "odd key": {"it's": None},
    "nothing": None,
    "text": "abc",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.expensive", 10),
        ("$.store.book[0].author", "Rees"),
        ("$.store.book[-1].author", "Tolkien"),
        ("$['odd key']['it\\'s']", None),
        ("$.nothing", None),
        ("$.store.bicycle['color','price','nosuch']", {"color": "red", "price": 19.95}),
        ("$.store.book.length()", 4),
        ("$.store.length()", 2),
        ("$.text.length()", None),
        ("$.store.bicycle.keys()", ["color", "price"]),
        ("$.numbers.min()", 1),
        ("$.numbers.max()", 5),
        ("$.numbers.sum()", 10.5),
        ("$.numbers.avg()", 3.5),
        ("$.numbers.first()", 5),
        ("$.numbers.last()", "x"),
        ("$.numbers.index(1)", 1),
        ("$.numbers.append($.expensive)", [5, 1, 4.5, "x", 10]),
        ("$.tags[0].concat('-')", "ab-"),
        ("$..price.max()", 22.99),
        ("$..price.length()", 0),
        ("$..book.length()", 4),
    ],
)
def test_a_definite_path_selects_one_value(path: str, value: Any) -> None:
    assert computed(path, scope(STORE)) == value


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("$.store.book[*].author", ["Rees", "Waugh", "Melville", "Tolkien"]),
        ("$.store.bicycle.*", ["red", 19.95]),
        ("$.text.*", []),
        ("$.store.book[0,-1].author", ["Rees", "Tolkien"]),
        ("$.store.book[0,9].author", ["Rees"]),
        ("$.store.book[1:3].author", ["Waugh", "Melville"]),
        ("$.store.book[-2:].author", ["Melville", "Tolkien"]),
        ("$.store.book[:2].author", ["Rees", "Waugh"]),
        ("$.store.book[:-3].author", ["Rees"]),
        ("$.store.book[-3:-1].author", ["Waugh", "Melville"]),
        ("$.store.book[2:99].author", ["Melville", "Tolkien"]),
        ("$.store.book[9:].author", []),
        ("$.store.book[-99:].price", [8.95, 12.99, 8.99, 22.99]),
        ("$.store.book[3:1]", []),
        ("$.store.book[*].isbn", ["0-553", "0-395"]),
        ("$.store.book[0:2]['author','isbn']", [{"author": "Rees"}, {"author": "Waugh"}]),
        ("$['expensive','text'].x", []),
        ("$.store['bicycle','book'].price", [19.95]),
        ("$..author", ["Rees", "Waugh", "Melville", "Tolkien"]),
        ("$.store..price", [8.95, 12.99, 8.99, 22.99, 19.95]),
        ("$..book[2].title", ["Moby Dick"]),
        ("$..[0]", [STORE["store"]["book"][0], 5, ["a", "b"], "a", "b"]),
        ("$.store.bicycle..*", ["red", 19.95]),
        ("$..['author','isbn']", [{"author": "Melville", "isbn": "0-553"}, {"author": "Tolkien", "isbn": "0-395"}]),
        ("$.tags[*].length()", [2, 1, 0, None]),
    ],
)
def test_any_other_path_selects_a_list(path: str, values: list[Any]) -> None:
    assert computed(path, scope(STORE)) == values


@pytest.mark.parametrize(
    ("condition", "authors"),
    [
        ("@.isbn", ["Melville", "Tolkien"]),
        ("!@.isbn", ["Rees", "Waugh"]),
        ("@.price < 10", ["Rees", "Melville"]),
        ("@.price <= 8.95", ["Rees"]),
        ("@.price > $.expensive", ["Waugh", "Tolkien"]),
        ("10 < @.price", ["Waugh", "Tolkien"]),
        ("@.price >= 12.99", ["Waugh", "Tolkien"]),
        ("@.category == 'fiction'", ["Waugh", "Melville", "Tolkien"]),
        ('@.category != "fiction"', ["Rees"]),
        ("@.isbn != '0-553'", ["Rees", "Waugh", "Tolkien"]),
        ("@.isbn == null", []),
        ("@['category'] == 'fiction' && @.price < 10", ["Melville"]),
        ("@.price < 8.96 || @.price > 20", ["Rees", "Tolkien"]),
        ("!(@.price < 10) && (@.isbn || @.author == 'Waugh')", ["Waugh", "Tolkien"]),
        ("@.author =~ /.*E.*/i", ["Rees", "Melville", "Tolkien"]),
        ("@.author =~ /e/", []),
        ("@.author in ['Rees', 'Tolkien']", ["Rees", "Tolkien"]),
        ("@.author nin ['Rees', 'Tolkien']", ["Waugh", "Melville"]),
        ("@.author NIN 'Rees'", []),
        ("@.author contains 'e'", ["Rees", "Melville", "Tolkien"]),
        ("@.author size 5", ["Waugh"]),
        ("@.author empty false", ["Rees", "Waugh", "Melville", "Tolkien"]),
        ("@.price == '8.95'", ["Rees"]),
        ("@.price === '8.95'", []),
        ("@.price !== '8.95'", ["Rees", "Waugh", "Melville", "Tolkien"]),
        ("@.author < 5", []),
        ("@.author < 'N'", ["Melville"]),
        ("@.length() == 4", ["Rees", "Waugh"]),
        ("$.nosuch", []),
        ("$.nosuch[*]", []),
        ("$..isbn", ["Rees", "Waugh", "Melville", "Tolkien"]),
        ("!(@.author in 'Rees')", []),
        ("$.isbn", ["Melville", "Tolkien"]),
        ("@ == $.store.book[1]", ["Waugh"]),
    ],
)
def test_a_filter_selects_what_its_condition_holds_for(condition: str, authors: list[str]) -> None:
    assert computed(f"$.store.book[?({condition})].author", scope(STORE)) == authors


OF_LISTS: list[tuple[str, list[Any]]] = [
    ("@ contains 'a'", [["a", "b"]]),
    ("@ all ['a', 'b']", []),
    ("@ subsetof ['b']", [["b"], []]),
    ("@ anyof ['a', 'c']", [["a", "b"]]),
    ("@ noneof ['a']", [["b"], []]),
    ("@ size 1", [["b"], "b"]),
    ("@ empty true", [[]]),
    ("@ == ['b']", [["b"]]),
    ("@ =~ /a|c/", [["a", "b"]]),
    ("@[0]", [["a", "b"], ["b"]]),
    ("@[?(@ == 'z')]", [["a", "b"], ["b"], []]),
]


@pytest.mark.parametrize(("condition", "lists"), OF_LISTS)
def test_a_filter_compares_lists(condition: str, lists: list[Any]) -> None:
    assert computed(f"$.tags[?({condition})]", scope(STORE)) == lists


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [("1", "1.0", True), ("1", "true", False), ("0", "false", False), ("null", "null", True), ("'1'", "1", True)],
)
def test_values_are_equal_by_what_they_are_in_json(left: str, right: str, same: bool) -> None:
    assert bool(computed(f"$[?({left} == {right})]", scope([0]))) is same


def test_a_filter_of_an_object_selects_it_whole() -> None:
    assert computed("$.store.bicycle[?(@.color == 'red')].price", scope(STORE)) == [19.95]


def test_a_filter_below_everything_selects_each_object_once() -> None:
    assert computed("$..[?(@.price > 19)].price", scope(STORE)) == [22.99, 19.95]


@pytest.mark.parametrize(
    "path", ["$.a[1:5]", "$.a.b[*]", "$.a.b[1:5].c", "$.a[?(@.b)]", "$.x[0,1]", "$.x[1:]", "$.y[0].*"]
)
def test_a_path_to_a_list_selects_an_empty_one_where_nothing_leads_to_it(path: str) -> None:
    assert computed(path, scope({"x": "text", "y": {}})) == []


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("$.a", {}),
        ("$.a", []),
        ("$.a", "a"),
        ("$.a", None),
        ("$.a.b", {"a": None}),
        ("$.a[0]", {"a": []}),
        ("$.a[-2]", {"a": [1]}),
        ("$.a[0]", {"a": "text"}),
        ("$.a[0]", {"a": {"0": 1}}),
        ("$.a.index(7)", {"a": [1]}),
        ("$.a.sum()", {"a": ["x", True]}),
        ("$.a.max()", {"a": [10**400]}),
    ],
)
def test_a_definite_path_fails_where_there_is_nothing(path: str, data: Any) -> None:
    assert failed(path, scope([data] if data is None else data)).error == RUNTIME


def test_the_error_names_the_path_the_field_and_the_input() -> None:
    error = failed("$.nosuch", scope({"a": 1}))

    expected = """The JSONPath '$.nosuch' specified for the field 'value.$' could not be found in the input '{"a":1}'"""
    assert error.cause == expected


def test_the_error_shows_only_the_beginning_of_a_large_input() -> None:
    assert len(failed("$.nosuch", scope({"a": "x" * 100_000})).cause) < 2_000


def test_a_variable_and_the_context_object_are_followed_like_the_input() -> None:
    seen = scope({"a": 1}, {"order": {"items": [1, 2]}}, Execution={"Name": "n"})

    assert computed("$order.items[1]", seen) == 2
    assert computed("$order.items[?(@ > $.items[0])]", seen) == [2]
    assert computed("$$.Execution.Name", seen) == "n"
    assert failed("$nosuch", seen).cause == "The variable '$nosuch' has no value"


def test_what_repeated_descents_lead_through_is_limited() -> None:
    data: Any = 1
    for _ in range(400):
        data = {"a": data, "b": data if isinstance(data, int) else 1}

    assert failed("$..*..*..*..*", scope(data)).error == RUNTIME


@pytest.mark.parametrize(
    "path",
    [
        "$.a[?(@ in $.b)]",
        "$.*[?(@ in $.b)]",
        "$.c[?(@[?(@ in $.b)])]",
        "$.a[?($..* contains @)]",
        "$.a[?($.a == $.b)]",
    ],
)
def test_what_a_filter_compares_is_limited(path: str) -> None:
    many = list(range(30_000))
    data = {"a": many, "b": [*reversed(many)], "c": [many[start : start + 30] for start in range(0, 30_000, 30)]}

    assert failed(path, scope(data)).cause.startswith("a path goes through more than")


def test_deep_data_are_walked_without_recursion() -> None:
    data: Any = {"leaf": 7}
    for _ in range(100_000):
        data = [data]

    assert computed("$..leaf", scope(data)) == [7]
    while data.__class__ is list:  # taken apart, since the interpreter frees nested lists by recursion
        data = data.pop()


@pytest.mark.parametrize("count", [1, 2_000])
def test_a_regular_expression_that_takes_too_long_fails_the_state(count: int) -> None:
    failure = failed("$.texts[?(@ =~ /(a|aa)+/)]", scope({"texts": ["a" * 60 + "c"] * count}))

    assert failure.error == RUNTIME
    assert "/(a|aa)+/ takes more than 1 s to match" in failure.cause


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("a{e}", ["a{e}"]), ("a{e", ["a{e"]), ("a{2}", ["aa"]), (r"a\{e<2}", ["a{e<2}"]), ("a{1,}", ["a", "aa"])],
)
def test_a_brace_without_a_count_stands_for_itself(pattern: str, found: list[str]) -> None:
    texts = ["a", "aa", "ab", "a{e}", "a{e", "a{e<2}"]

    assert computed(f"$.texts[?(@ =~ /{pattern}/)]", scope({"texts": texts})) == found
