from __future__ import annotations

import re
from dataclasses import replace

import pytest

from isthmus.components.renames import former_name
from isthmus.declarations.app import App
from isthmus_aws.capabilities import CAPABILITIES
from isthmus_aws.names import (
    LIMITS,
    delivery_names,
    inbox_dead_letters_name,
    inbox_name,
    is_fifo,
    physical_name,
)
from tests.aws.rules.planning import HANDLERS, TARGET, problems

LONG = "L" + "o" * 62 + "ng"


@pytest.mark.parametrize("kind", sorted(CAPABILITIES.limits.names))
@pytest.mark.parametrize(("app", "stage", "name"), [("shop", "dev", "Orders"), ("S" * 64, "s" * 64, "A_b_" * 16)])
def test_each_name_is_one_that_its_service_takes(kind: str, app: str, stage: str, name: str) -> None:
    rule = CAPABILITIES.limits.names[kind]
    physical = physical_name(App(app), replace(TARGET, stage=stage), kind, name)

    assert len(physical) <= rule.max_length
    assert re.fullmatch(rule.pattern, physical)


def test_a_name_differs_by_whatever_tells_two_apart() -> None:
    app = App("shop")
    others = [replace(TARGET, stage="prod"), replace(TARGET, account="1"), replace(TARGET, region="us-east-1")]
    names = {physical_name(app, target, "table", "Orders") for target in (TARGET, *others)}

    assert len(names) == 4


def test_long_names_stay_apart_though_they_are_cut() -> None:
    app = App(LONG)

    assert physical_name(app, TARGET, "bucket", f"{LONG}1") != physical_name(app, TARGET, "bucket", f"{LONG}2")


def test_a_name_stays_what_it_is() -> None:
    """A change of this would replace everything that is deployed."""
    assert physical_name(App("shop"), TARGET, "table", "Orders") == "shop-dev-Orders-c2128647"


def test_a_fifo_queue_and_its_dead_letter_queue_end_as_sqs_wants() -> None:
    app = App("shop")
    app.queue("Line", fifo=True)
    app.queue("Work")
    names = {name: physical_name(app, TARGET, "queue", name) for name in ("Line", "LineDeadLetters", "Work")}

    assert {name for name, physical in names.items() if physical.endswith(".fifo")} == {"Line", "LineDeadLetters"}
    assert is_fifo(app, "LineDeadLetters")
    assert not is_fifo(app, "Work")


def test_what_a_function_reads_itself_is_its_origin_and_else_its_inbox() -> None:
    app = App("shop")
    queue, topic, function = app.queue("Work"), app.topic("Events"), app.function("F", f"{HANDLERS}.anything")

    assert delivery_names(app, TARGET, queue, function) == (physical_name(app, TARGET, "queue", "Work"),)
    assert delivery_names(app, TARGET, topic, function) == (inbox_name(app, TARGET, topic, function),)


def test_every_inbox_has_a_name_of_its_own_though_a_source_be_called_start() -> None:
    app = App("shop")
    function, other = app.function("F", f"{HANDLERS}.anything"), app.function("G", f"{HANDLERS}.later")
    sources = [app.topic("start"), app.topic("Start"), app.topic("dead"), function]
    made = [
        namer(app, TARGET, source, target)
        for source in sources
        for target in (function, other)
        for namer in (inbox_name, inbox_dead_letters_name)
    ]

    assert len({name.casefold() for name in made}) == len(made)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name) for name in made)


def test_an_inbox_with_the_longest_names_fits() -> None:
    app = App(LONG)
    topic, function = app.topic(LONG[:64]), app.function(f"F{LONG[:63]}", f"{HANDLERS}.anything")

    assert len(inbox_name(app, TARGET, topic, function)) <= LIMITS["inbox"]


def test_what_was_renamed_keeps_its_name_and_its_dead_letter_queue() -> None:
    before, after = App("shop"), App("shop")
    before.queue("Jobs")
    after.queue("Work", transform={"renamed_from": "Jobs"})

    assert former_name(after, "Work") == "Jobs"
    for old, new in (("Jobs", "Work"), ("JobsDeadLetters", "WorkDeadLetters")):
        assert physical_name(after, TARGET, "queue", new) == physical_name(before, TARGET, "queue", old)


def test_an_app_whose_buckets_s3_would_not_take_is_refused() -> None:
    (what,) = problems(lambda app: app.bucket("Images"), name="Xn--shop")

    assert "begin with none of xn--" in what
