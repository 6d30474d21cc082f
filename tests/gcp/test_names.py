"""Fixed names: known beforehand, within what each service takes, and apart wherever something differs."""

from __future__ import annotations

import re

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.queue import Queue
from isthmus.declarations.target import Target
from isthmus_gcp import names
from isthmus_gcp.capabilities import CAPABILITIES

TARGET = Target("gcp", "dev", "shop-project", "europe-west3")
LONG = "AVeryLongNameThatNobodyWouldEverWriteButThatIsAllowedAllTheSame" * 3
KINDS = sorted(CAPABILITIES.limits.names)


def shop(name: str = "shop") -> App:
    return App(name, removal="remove")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "table"])
@pytest.mark.parametrize("name", ["Work", "OnOrder2", "a", LONG])
def test_a_name_is_what_its_service_takes(kind: str, name: str) -> None:
    rule = CAPABILITIES.limits.names[kind]
    made = names.physical_name(shop(), TARGET, kind, name)

    assert re.fullmatch(rule.pattern, made), made
    assert len(made) <= rule.max_length


def test_a_tables_name_is_its_database_and_its_collection() -> None:
    app = shop()
    app.table("Orders", fields={"id": "string"}, primary_index="id")
    app.table("Alone", fields={"id": "string"}, primary_index="id", isolated=True)
    orders, alone = (names.physical_name(app, TARGET, "table", name) for name in ("Orders", "Alone"))

    assert re.fullmatch(r"shop-dev-tables-[0-9a-f]{8}/Orders", orders)
    assert re.fullmatch(r"shop-dev-alone-[0-9a-f]{8}/Alone", alone)
    assert names.database_name(app, TARGET, "Alone") == alone.partition("/")[0]


@pytest.mark.parametrize("name", ["Work", LONG])
def test_an_account_has_6_to_30_characters_and_a_database_4_to_63(name: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", names.account_name(shop(), TARGET, name))
    assert re.fullmatch(r"[a-z][a-z0-9-]{2,61}[a-z0-9]", names.database_name(shop(), TARGET, name))


@pytest.mark.parametrize("name", ["Shop", "shop", LONG[:64]])
def test_what_is_made_beside_has_a_name_in_lower_case_whatever_the_app_is_named(name: str) -> None:
    app = shop(name)
    table = app.table("A_Table", fields={"id": "string"}, primary_index="id")
    function = app.function("Look", "tests.core.plan.handlers.anything")

    for made in (names.code_name(app, TARGET), names.trigger_name(app, TARGET, table, function)):
        assert re.fullmatch("[a-z][a-z0-9-]{1,61}[a-z0-9]", made), made


@pytest.mark.parametrize(
    "other",
    [
        (shop("other"), TARGET, "Work"),
        (shop(), Target("gcp", "prod", "shop-project", "europe-west3"), "Work"),
        (shop(), Target("gcp", "dev", "other-project", "europe-west3"), "Work"),
        (shop(), Target("gcp", "dev", "shop-project", "us-central1"), "Work"),
        (shop(), TARGET, "work"),
    ],
)
@pytest.mark.parametrize("kind", ["bucket", "function", "queue"])
def test_what_differs_in_anything_has_another_name(other: tuple[App, Target, str], kind: str) -> None:
    app, target, name = other

    assert names.physical_name(app, target, kind, name) != names.physical_name(shop(), TARGET, kind, "Work")


def test_long_names_that_begin_alike_stay_apart() -> None:
    made = {names.physical_name(shop(), TARGET, "function", LONG + tail) for tail in "abc"}

    assert len(made) == 3


def test_the_names_that_the_adapter_makes_itself_are_apart_from_declared_ones() -> None:
    app = shop()
    table = app.table("T", fields={"id": "string"}, primary_index="id")
    function = table.subscribe("tests.core.plan.handlers.change", name="F")
    start = app.queue("start")
    start.subscribe(function)
    made = [
        names.subscription_name(app, TARGET, function, function),
        names.subscription_name(app, TARGET, start, function),
        names.inbox_name(app, TARGET, function),
        names.inbox_dead_letters_name(app, TARGET, function, function),
        names.inbox_dead_letters_name(app, TARGET, table, function),
        *names.queue_subscriptions(app, TARGET, start),
        names.sent_name(app, TARGET),
        names.database_name(app, TARGET, "T"),
    ]

    assert len(made) == len(set(made))


def test_what_delivers_a_queue_is_its_own_subscription_and_one_for_each_topic() -> None:
    app = shop()
    work = app.queue("Work")
    for name in ("News", "Events"):
        app.topic(name).subscribe(work)
    found = names.queue_subscriptions(app, TARGET, work)

    assert [origin.name for origin in found.values()] == ["Work", "News", "Events"]
    function = work.subscribe("tests.core.plan.handlers.message")
    assert names.delivery_names(app, TARGET, work, function) == tuple(found)


def test_what_was_renamed_keeps_its_name() -> None:
    before, after = shop(), shop()
    before.queue("Old")
    renamed = after.queue("New", transform={"renamed_from": "Old"})

    assert names.physical_name(after, TARGET, "queue", "New") == names.physical_name(before, TARGET, "queue", "Old")
    assert isinstance(renamed.dead_letters, Queue)
    assert names.physical_name(after, TARGET, "queue", "NewDeadLetters") == names.physical_name(
        before, TARGET, "queue", "OldDeadLetters"
    )
