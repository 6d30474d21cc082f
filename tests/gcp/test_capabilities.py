from __future__ import annotations

from collections.abc import Callable

import pytest

from isthmus.capabilities import GUARANTEES, SUPPORTED, Between, Unsupported
from isthmus.declarations.app import App
from isthmus_gcp.capabilities import CAPABILITIES
from tests.gcp.rules.planning import HANDLERS, notes, problems

DAY = 24 * 3600


def test_every_feature_has_a_row_and_every_row_is_a_feature() -> None:
    assert CAPABILITIES.missing() == []
    assert CAPABILITIES.unknown() == []


OUT_OF_BOUNDS: list[tuple[str, Callable[[App], object]]] = [
    ("32768 MB at most", lambda app: app.function("F", f"{HANDLERS}.anything", memory=32_769)),
    ("128 MB at least", lambda app: app.function("F", f"{HANDLERS}.anything", memory=127)),
    ("100 attempts at most", lambda app: app.queue("Q", max_attempts=101)),
    ("600 seconds at most", lambda app: app.queue("Q", retry_delay=601, max_retry_delay=700)),
    ("600 seconds at least", lambda app: app.queue("Q", retention=599)),
    ("2678400 seconds at most", lambda app: app.queue("Q", retention=31 * DAY + 1)),
    ("2592000 seconds at most", lambda app: app.queue("Q", delay=30 * DAY + 1)),
    ("600 seconds at least", lambda app: app.stream("L", retention=599)),
    ("1000 messages at most", lambda app: app.queue("Q").subscribe(f"{HANDLERS}.message", batch_size=1001)),
    ("3600 seconds at most", lambda app: app.stream("L").subscribe(f"{HANDLERS}.later", batch_window=3601)),
    ("33554432 bytes at most", lambda app: app.api("A", body_limit=32 * 1024 * 1024 + 1)),
]


@pytest.mark.parametrize(("fault", "declare"), OUT_OF_BOUNDS)
def test_what_is_beyond_a_limit_is_refused_with_it(fault: str, declare: Callable[[App], object]) -> None:
    assert any(fault in what for what in problems(declare))


def test_every_bound_says_whose_it_is_and_every_refusal_what_to_do() -> None:
    rows = CAPABILITIES.rows.items()

    assert [name for name, row in rows if isinstance(row, Between) and not (row.unit and row.reason)] == []
    assert [name for name, row in rows if isinstance(row, Unsupported) and not (row.reason and row.alternative)] == []


def test_the_guarantees_are_what_google_documents() -> None:
    promised = {name for name in GUARANTEES if CAPABILITIES.support(name) == SUPPORTED}

    assert promised == {"stream.trace", "stream.replay"}


def test_a_function_of_more_than_an_hour_is_refused() -> None:
    def declare(app: App) -> None:
        app.queue("Q", visibility_timeout=4000).subscribe(f"{HANDLERS}.message", timeout=3601)

    assert "gcp ends a function after 3600 s" in " ".join(problems(declare))


@pytest.mark.parametrize(
    "name",
    [
        *("K_SERVICE", "PORT", "FUNCTION_TARGET", "X_GOOGLE_SECRET", "CLOUD_RUN_TIMEOUT_SECONDS", "THREADS", "ISTHMUS"),
        *("PUBSUB_EMULATOR_HOST", "secret_manager_emulator_host", "GCE_METADATA_HOST"),
    ],
)
def test_a_variable_that_the_runtime_sets_is_refused(name: str) -> None:
    (what,) = problems(lambda app: app.function("F", f"{HANDLERS}.anything", environment={name: "x"}))

    assert "choose another name" in what


@pytest.mark.parametrize("name", ["TZ", "GOOGLE_CLOUD_PROJECT", "GRPC_DNS_RESOLVER", "PYTHONPATH"])
def test_a_variable_that_the_runtime_leaves_to_the_function_is_taken(name: str) -> None:
    assert problems(lambda app: app.function("F", f"{HANDLERS}.anything", environment={name: "x"})) == []


def test_a_numeric_filter_is_refused_with_what_to_publish_instead() -> None:
    def declare(app: App) -> None:
        app.topic("T").subscribe(f"{HANDLERS}.message", filter={"weight": [{"numeric": [">", 5]}]})

    (what,) = problems(declare)
    assert "attributes are text" in what
    assert "weight-class" in what


def test_what_a_workflow_cannot_compute_in_is_refused_with_its_place() -> None:
    states = {"Sum": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1 + 1 %}", "End": True}}
    (what,) = problems(lambda app: app.workflow("W", {"StartAt": "Sum", "States": states}))

    assert "/States/Sum: its query language is JSONata" in what


def test_what_a_table_does_not_promise_is_said() -> None:
    def declare(app: App) -> None:
        app.table("T", fields={"id": "string"}, primary_index="id").subscribe(f"{HANDLERS}.change")

    found = notes(declare)

    for guarantee in ("table.changes.ordered", "table.changes.replay", "table.link.separate"):
        assert any(f"does not promise {guarantee}" in what for what in found)
