from __future__ import annotations

from collections.abc import Callable

import pytest

from isthmus.capabilities import Between, Ignored, OneOf, Support, Unsupported, features
from isthmus.declarations.api import Cors
from isthmus.declarations.app import App
from isthmus.declarations.table import Table
from isthmus.providers import find, installed
from tests.core.plan.app import HANDLERS, notes, problems
from tests.fakes import FakeProvider


def without(feature: str, support: Support | None = None) -> FakeProvider:
    return FakeProvider({feature: support or Unsupported("its clock has no zones", "use UTC")})


def test_every_kind_and_option_is_a_feature() -> None:
    wanted = {
        *("queue", "queue.fifo", "function.memory", "schedule.timezone", "table.isolated", "stream.shards"),
        *("queue.subscribe.max_concurrency", "api.cors.credentials", "filter.numeric", "event.http"),
    }

    assert wanted <= set(features())
    assert len(features()) == len(set(features()))


@pytest.mark.parametrize("name", installed())
def test_an_installed_provider_says_of_every_feature_whether_it_can(name: str) -> None:
    capabilities = find(name).capabilities

    assert capabilities.missing() == []
    assert capabilities.unknown() == []


def everything(app: App) -> None:
    app.api("Api", cors=Cors(origins=["*"])).route("GET /", f"{HANDLERS}.request")
    app.queue("Work").subscribe(f"{HANDLERS}.message")
    app.topic("Events").subscribe(f"{HANDLERS}.with_context")
    app.table("Orders", fields={"id": "string"}, primary_index="id").subscribe(f"{HANDLERS}.change")
    app.bucket("Images").subscribe(f"{HANDLERS}.object_event")
    app.stream("Clicks").subscribe(f"{HANDLERS}.later")
    app.schedule("Nightly", "rate(1 day)", f"{HANDLERS}.tick")
    app.secret("Key")
    app.parameter("Rate", "5")
    app.linkable("Search", properties={})


@pytest.mark.parametrize("name", installed())
def test_an_installed_provider_takes_the_defaults_of_every_kind(name: str) -> None:
    assert problems(everything, find(name)) == []


def test_a_kind_that_the_provider_has_not_is_refused_with_reason_and_alternative() -> None:
    provider = without("stream", Unsupported("nothing of the kind", "use a queue"))

    assert problems(lambda app: app.stream("Clicks"), provider) == [
        "stream 'Clicks': fake has no stream: nothing of the kind; use a queue"
    ]


def test_an_option_that_the_provider_has_not_is_refused() -> None:
    def declare(app: App) -> None:
        app.schedule("Nightly", "rate(1 day)", f"{HANDLERS}.tick", timezone="Europe/Zurich")

    assert problems(declare, without("schedule.timezone")) == [
        "schedule 'Nightly': fake has no schedule.timezone: its clock has no zones; use UTC"
    ]


def test_an_option_with_its_default_is_not_refused() -> None:
    def declare(app: App) -> None:
        app.schedule("Nightly", "rate(1 day)", f"{HANDLERS}.tick")

    assert problems(declare, without("schedule.timezone")) == []


@pytest.mark.parametrize(
    ("memory", "fault"), [(64, "128 MB at least (its own)"), (20_000, "10240 MB at most (its own)")]
)
def test_a_number_out_of_the_providers_bounds_is_refused_with_them(memory: int, fault: str) -> None:
    provider = without("function.memory", Between(128, 10240, "MB", "its own"))

    (what,) = problems(lambda app: app.function("F", f"{HANDLERS}.anything", memory=memory), provider)

    assert what == f"function 'F': fake has no function.memory of {memory}: it is {fault}"


@pytest.mark.parametrize("memory", [128, 10240])
def test_bounds_are_inclusive(memory: int) -> None:
    provider = without("function.memory", Between(128, 10240))

    assert problems(lambda app: app.function("F", f"{HANDLERS}.anything", memory=memory), provider) == []


def test_what_is_negative_is_told_once_not_as_out_of_bounds_too() -> None:
    provider = without("function.memory", Between(128, None))

    assert len(problems(lambda app: app.function("F", f"{HANDLERS}.anything", memory=-1), provider)) == 1


def test_only_some_values_may_be_supported() -> None:
    provider = without("function.memory", OneOf((256, 512), "sizes are fixed"))

    assert problems(lambda app: app.function("F", f"{HANDLERS}.anything", memory=300), provider) == [
        "function 'F': fake has no function.memory of 300: 256, 512 only (sizes are fixed)"
    ]


USES: list[tuple[str, Callable[[App], object]]] = [
    ("queue.subscribe.max_concurrency", lambda app: app.queue("W").subscribe("a.b", max_concurrency=2)),
    ("filter.numeric", lambda app: app.topic("T").subscribe(app.queue("W"), filter={"n": [{"numeric": [">", 1]}]})),
    ("filter.exact", lambda app: app.topic("T").subscribe(app.queue("W"), filter={"n": ["x"]})),
    ("event.bucket", lambda app: app.bucket("B").subscribe("a.b")),
    ("event.task", lambda app: app.function("F", "a.b")),
    ("api.cors.credentials", lambda app: app.api("A", cors=Cors(origins=["https://a.b"], credentials=True))),
    ("topic.tags", lambda app: app.topic("T", tags={"a": "b"})),
    ("bucket.subscribe.suffix", lambda app: app.bucket("B").subscribe("a.b", suffix=".png")),
]


@pytest.mark.parametrize(("feature", "use"), USES)
def test_each_part_of_a_declaration_is_a_use_of_a_feature(feature: str, use: Callable[[App], object]) -> None:
    assert any(f"fake has no {feature}" in what for what in problems(use, without(feature)))


def test_what_the_provider_ignores_is_noted_once_for_all_uses() -> None:
    def declare(app: App) -> None:
        app.function("F", f"{HANDLERS}.anything", memory=1024)
        app.function("G", f"{HANDLERS}.later", memory=2048)

    provider = without("function.memory", Ignored("memory is shared"))
    (note,) = notes(declare, provider)

    assert note.what == "function 'F' and 1 more: fake ignores function.memory: memory is shared"
    assert problems(declare, provider) == []


def test_a_promise_that_the_provider_does_not_make_is_noted_where_it_matters() -> None:
    provider = without("stream.replay", Unsupported("records are gone once read"))

    assert notes(lambda app: app.queue("Work"), provider) == []
    assert [note.what for note in notes(lambda app: app.stream("Clicks"), provider)] == [
        "fake does not promise stream.replay: records are gone once read"
    ]


def test_what_changes_of_a_table_come_to_is_noted_only_where_somebody_hears_of_them() -> None:
    provider = without("table.changes.ordered", Unsupported("they come as they come"))

    def table(app: App) -> Table:
        return app.table("Stock", fields={"id": "string"}, primary_index="id")

    assert notes(table, provider) == []
    assert [note.what for note in notes(lambda app: table(app).subscribe(f"{HANDLERS}.change"), provider)] == [
        "fake does not promise table.changes.ordered: they come as they come"
    ]


def test_a_feature_without_a_row_is_refused_not_skipped() -> None:
    provider = FakeProvider()
    rows = dict(provider.capabilities.rows)
    del rows["queue.fifo"]
    silent = FakeProvider()
    silent._capabilities = type(provider.capabilities)(rows=rows, limits=provider.capabilities.limits)  # pyright: ignore[reportPrivateUsage]

    assert "its provider does not say" in problems(lambda app: app.queue("W", fifo=True), silent)[0]
