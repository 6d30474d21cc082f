"""Whatever is thrown at the declarations, the rules of each cloud tell of it and never break."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.plan import plan
from isthmus.providers import find, installed
from tests.core.plan.test_any_options import METHODS, OPTIONS, SUBSCRIBE, options_of, values

HANDLERS = "tests.core.plan.handlers"
CLOUDS = [name for name in installed() if find(name).components]

_MANY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(app: App) -> None:
    targets = [Target(provider=name, stage="dev", account="123456789012", region="europe-west1") for name in CLOUDS]
    results = [plan(app, target) for target in targets]
    found = [problem.what for result in results for problem in (*result.problems, *result.notes)]

    assert [what for what in found if "cannot be checked" in what] == []


def test_there_are_clouds_whose_rules_are_checked() -> None:
    assert CLOUDS


@_MANY
@given(kind=st.sampled_from(METHODS), given=options_of(OPTIONS), tags=values)
def test_a_resource_with_any_options(kind: str, given: dict[str, Any], tags: Any) -> None:
    app = App("shop", tags=tags)
    options = {option: value for option, value in given.items() if option != "name"}
    resource = getattr(app, kind)("Orders", **options)
    app.function("Worker", f"{HANDLERS}.anything", link=[resource])

    check(app)


@_MANY
@given(
    kind=st.sampled_from(["queue", "topic", "stream", "bucket"]), one=options_of(SUBSCRIBE), other=options_of(SUBSCRIBE)
)
def test_two_subscriptions_with_any_options(kind: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    app: Any = App("shop")
    source = getattr(app, kind)("Source")
    source.subscribe(f"{HANDLERS}.anything", **one)
    source.subscribe(f"{HANDLERS}.later", **other)

    check(app)


@_MANY
@given(
    expression=st.one_of(
        values,
        st.lists(st.sampled_from(["*", "0", "1-5", "*/2", "L", "LW", "MON", "5L", "1#2", "?", "99"]), max_size=6).map(
            " ".join
        ),
    ),
    timezone=st.one_of(values, st.sampled_from(["UTC", "Europe/Zurich", "America/St_Johns", "Asia/Kathmandu"])),
    payload=values,
)
def test_a_schedule_with_any_expression(expression: Any, timezone: Any, payload: Any) -> None:
    app: Any = App("shop")
    app.schedule("Nightly", expression, f"{HANDLERS}.tick", timezone=timezone, payload=payload)

    check(app)
