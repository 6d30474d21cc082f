"""Whatever is thrown at the declarations, `plan` tells of it and never raises."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isthmus.declarations.api import Cors
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.plan import Plan, plan
from tests.fakes import FakeProvider

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.binary(max_size=4), st.just(object())
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.one_of(st.text(max_size=5), st.integers()), inner, max_size=3),
    ),
    max_leaves=6,
)

METHODS = ("api", "queue", "topic", "table", "bucket", "stream", "secret", "parameter", "linkable", "function")

OPTIONS = (
    *("max_attempts", "visibility_timeout", "retry_delay", "max_retry_delay", "delay", "fifo", "retention", "tags"),
    *("transform", "fields", "primary_index", "global_indexes", "ttl", "isolated", "versioned", "shards", "cors"),
    *("body_limit", "properties", "grants", "link", "memory", "timeout", "concurrency", "min_instances"),
    *("environment", "name", "handler", "value", "mistyped"),
)
SUBSCRIBE = (
    *("batch_size", "batch_window", "max_concurrency", "max_attempts", "filter", "events", "prefix", "suffix", "skip"),
    *("link", "memory", "timeout", "environment", "name"),
)


def options_of(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), values, max_size=4)


def planned(app: Any) -> Plan:
    result = plan(app, Target("fake", "dev"), FakeProvider())
    result.manifest()
    assert not any("cannot be checked" in problem.what for problem in result.problems), result.problems
    return result


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(METHODS),
    name=st.one_of(st.sampled_from(["Orders", "Work"]), values),
    given=options_of(OPTIONS),
)
def test_whatever_options_a_resource_is_given_plan_tells_and_does_not_raise(
    kind: str, name: Any, given: dict[str, Any]
) -> None:
    app = App("shop")
    options = {option: value for option, value in given.items() if option != "name"}
    resource = getattr(app, kind)(name, **options)
    app.function("Worker", "tests.core.plan.handlers.anything", link=[resource])

    planned(app)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kind=st.sampled_from(["queue", "topic", "stream", "bucket"]), given=options_of(SUBSCRIBE))
def test_whatever_options_a_subscription_is_given_plan_tells_and_does_not_raise(
    kind: str, given: dict[str, Any]
) -> None:
    app: Any = App("shop")
    getattr(app, kind)("Source").subscribe("tests.core.plan.handlers.anything", **given)

    planned(app)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=values, second=values, third=values, cors=st.dictionaries(st.sampled_from(["methods", "max_age"]), values))
def test_whatever_a_route_a_schedule_or_an_app_is_given_plan_tells_and_does_not_raise(
    first: Any, second: Any, third: Any, cors: dict[str, Any]
) -> None:
    app: Any = App(first, removal=second, tags=third)
    app.api("Api", cors=Cors(origins=first, **cors)).route(first, second)
    app.schedule("Nightly", first, "tests.core.plan.handlers.anything", timezone=second, payload=third)
    app.workflow("Process", third, link=second)
    app.output(out=first)

    planned(app)
