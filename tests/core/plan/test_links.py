from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.core.plan.app import HANDLERS, planned, problems


def with_orders(link: Callable[[Any], Any]) -> list[str]:
    """Return the problems of a function that is linked to what `link` makes of a table."""

    def declare(app: App) -> None:
        orders = app.table("Orders", fields={"id": "string"}, primary_index="id")
        app.function("Worker", f"{HANDLERS}.anything", link=link(orders))

    return problems(declare)


def with_link(link: Any) -> list[str]:
    return with_orders(lambda _: link)


def test_a_resource_and_its_verbs_are_links() -> None:
    assert with_orders(lambda orders: [orders, orders.read, orders.write]) == []


def test_an_unknown_verb_is_refused_with_the_right_one() -> None:
    assert with_orders(lambda orders: [orders.raed]) == [
        "function 'Worker': table 'Orders' has no verb 'raed': did you mean 'read'?"
    ]


def test_the_verbs_are_listed_where_none_is_near() -> None:
    assert with_orders(lambda orders: [orders.publish])[0].endswith("has no verb 'publish': known: read, write")


def test_a_name_is_no_link_and_the_resource_is_suggested() -> None:
    (what,) = with_link(["Order"])

    assert "a link is a resource or verbs of it (orders, orders.read), not 'Order'" in what
    assert "did you mean 'Orders'?" in what


@pytest.mark.parametrize("entry", [5, None, object, ["nested"], b"bytes"])
def test_what_is_no_resource_is_no_link(entry: Any) -> None:
    (what,) = with_link([entry])

    assert "a link is a resource or verbs of it" in what


def test_a_method_that_was_not_called_is_no_link() -> None:
    (what,) = with_orders(lambda orders: [orders.subscribe])

    assert "a link is a resource or verbs of it" in what


@pytest.mark.parametrize("link", ["Orders", 5, None, {"orders": 1}])
def test_link_takes_a_list(link: Any) -> None:
    assert "link takes a list" in with_link(link)[0]


def test_a_resource_alone_is_no_list() -> None:
    assert with_orders(lambda orders: orders) == [
        "function 'Worker': link takes a list, link=[…], not table 'Orders' alone"
    ]


def test_a_resource_of_another_app_is_refused() -> None:
    other = App("other").queue("Work")

    (what,) = with_link([other.send])

    assert "queue 'Work', declared at tests/core/plan/test_links.py:" in what
    assert what.endswith("belongs to another app")


def test_what_has_no_verbs_cannot_be_linked() -> None:
    def declare(app: App) -> None:
        app.function("Worker", f"{HANDLERS}.anything", link=[app.api("Api")])

    assert "api 'Api' cannot be linked" in problems(declare)[0]


def test_links_may_be_mutual() -> None:
    def declare(app: App) -> None:
        links: list[Any] = []
        first = app.function("First", f"{HANDLERS}.anything", link=links)
        links.append(app.function("Second", f"{HANDLERS}.later", link=[first]).invoke)

    plan = planned(declare)

    assert plan.problems == ()
    assert list(plan.identities["First"].links) == ["Second"]
    assert list(plan.identities["Second"].links) == ["First"]


def test_the_links_of_a_workflow_are_checked_too() -> None:
    def declare(app: App) -> None:
        app.workflow("Process", "tests/core/plan/process.asl.json", link=["Orders"])  # type: ignore[list-item] # pyright: ignore

    assert any("workflow 'Process': a link is a resource" in what for what in problems(declare))
