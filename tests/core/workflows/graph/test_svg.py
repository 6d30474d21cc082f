from __future__ import annotations

from itertools import combinations
from typing import Any
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from isthmus.workflows.graph.layout import Box, Layout, layout
from isthmus.workflows.graph.svg import svg
from tests.core.workflows.graph.pictures import definition

SVG = "{http://www.w3.org/2000/svg}"


def read(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def texts(picture: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in picture.iter(f"{SVG}text")]


def test_a_picture_has_a_title_and_a_description_for_who_cannot_see_it() -> None:
    picture = read(svg(definition(), "ProcessOrder"))

    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == "title description"
    assert [picture.findtext(f"{SVG}{tag}") for tag in ("title", "desc")] == [
        "ProcessOrder",
        "What becomes of an order. A workflow of 9 states that starts with Validate.",
    ]


def test_every_state_of_every_machine_is_in_it_with_its_whole_name_to_point_at() -> None:
    picture = read(svg(definition()))
    pointed = [group.findtext(f"{SVG}title") for group in picture.iter(f"{SVG}g")]

    assert (
        sorted(map(str, pointed))
        == ["Done", "Each", "Email", "Failed", "Fulfil", "Large?", "Ship", "Validate", "Wait"][: len(pointed)]
    )
    assert {"Validate", "Large?", "Ship", "$.total > 100", "otherwise"} <= set(texts(picture))


def test_it_is_dark_where_the_system_is_and_loads_nothing() -> None:
    drawn = svg(definition())

    assert "@media (prefers-color-scheme: dark)" in drawn
    assert not any(word in drawn for word in ("<script", "<image", "href", "@import", "url(http"))


def test_texts_are_escaped() -> None:
    name = '<script>alert("1")</script> & \x00\ud800'
    picture = read(svg(definition({name: {"Type": "<g>", "End": True}}), name))

    assert picture.findtext(f"{SVG}title") == '<script>alert("1")</script> & ��'
    assert list(picture.iter("script")) == list(picture.iter(f"{SVG}script")) == []


def overlap(one: Box, other: Box) -> bool:
    apart = one.x + one.width <= other.x or other.x + other.width <= one.x
    return not (apart or one.y + one.height <= other.y or other.y + other.height <= one.y)


def check(placed: Layout) -> None:
    for one, other in combinations(placed.boxes.values(), 2):
        assert not overlap(one, other), (one.title, other.title)
    for box in placed.boxes.values():
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= placed.width
        assert box.y + box.height <= placed.height
        for inner in box.inner:
            assert inner.width <= box.width
            assert inner.height <= box.height
            check(inner)


def test_no_box_lies_on_another_and_each_is_within_what_it_is_part_of() -> None:
    check(layout(definition().root))


names = st.sampled_from("ABCDEFGH")
states = st.fixed_dictionaries(
    {"Type": st.sampled_from(["Pass", "Choice", "Task", "Zzz"])},
    optional={
        "Next": names,
        "Default": names,
        "End": st.booleans(),
        "Catch": st.lists(st.fixed_dictionaries({"Next": names, "ErrorEquals": st.lists(st.text())})),
        "Choices": st.lists(st.fixed_dictionaries({"Next": names, "Condition": st.text()})),
    },
)


@given(st.dictionaries(names, states, min_size=1), names)
def test_any_graph_is_laid_out_and_drawn(written: dict[str, Any], start: str) -> None:
    machine = definition(written, start)
    placed = layout(machine.root)

    check(placed)
    assert sum(len(row) for row in placed.rows) == len(written)
    read(svg(machine))


def test_a_state_stands_below_those_that_lead_to_it_unless_they_follow_it() -> None:
    placed = layout(definition().root)

    assert [sorted(row) for row in placed.rows] == [["Validate"], ["Failed", "Large?"], ["Fulfil", "Wait"], ["Done"]]


def test_a_broken_definition_is_drawn_as_far_as_it_goes() -> None:
    picture = read(svg(definition({"A": {"Type": 5, "Next": "Nowhere", "Catch": 7}, "B": {"Choices": {}}}, "C")))

    assert "A" in texts(picture)


def test_ten_thousand_states_are_drawn() -> None:
    written = {
        f"s{n}": {"Type": "Task", "Next": f"s{(n + 1) % 10_000}", "Catch": [{"ErrorEquals": ["E"], "Next": "s0"}]}
        for n in range(10_000)
    }

    assert {"s0", "s9999"} <= set(texts(read(svg(definition(written)))))
