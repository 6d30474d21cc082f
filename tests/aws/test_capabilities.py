from __future__ import annotations

from collections.abc import Callable

import pytest

from isthmus.capabilities import Between
from isthmus.declarations.app import App
from isthmus_aws.capabilities import CAPABILITIES
from tests.aws.rules.planning import HANDLERS, notes, problems


def test_every_feature_has_a_row_and_every_row_is_a_feature() -> None:
    assert CAPABILITIES.missing() == []
    assert CAPABILITIES.unknown() == []


OUT_OF_BOUNDS: list[tuple[str, Callable[[App], object]]] = [
    ("10240 MB at most", lambda app: app.function("F", f"{HANDLERS}.anything", memory=10_241)),
    ("128 MB at least", lambda app: app.function("F", f"{HANDLERS}.anything", memory=127)),
    ("43200 seconds at most", lambda app: app.queue("Q", visibility_timeout=43_201)),
    ("900 seconds at most", lambda app: app.queue("Q", delay=901)),
    ("60 seconds at least", lambda app: app.queue("Q", retention=59, visibility_timeout=1)),
    ("1209600 seconds at most", lambda app: app.queue("Q", retention=1_209_601)),
    ("1000 attempts at most", lambda app: app.queue("Q", max_attempts=1001)),
    ("86400 seconds at least", lambda app: app.stream("L", retention=3600)),
    ("300 seconds at most", lambda app: app.stream("L").subscribe(f"{HANDLERS}.later", batch_window=301)),
    ("10000 records at most", lambda app: app.stream("L").subscribe(f"{HANDLERS}.later", batch_size=10_001)),
    ("6291456 bytes at most", lambda app: app.api("A", body_limit=6 * 1024 * 1024 + 1)),
]


@pytest.mark.parametrize(("fault", "declare"), OUT_OF_BOUNDS)
def test_what_is_beyond_a_quota_is_refused_with_it(fault: str, declare: Callable[[App], object]) -> None:
    (what,) = problems(declare)

    assert fault in what


def test_every_bound_says_whose_it_is() -> None:
    bounds = {feature: row for feature, row in CAPABILITIES.rows.items() if isinstance(row, Between)}

    assert [feature for feature, row in bounds.items() if not row.unit or not row.reason] == []


def test_a_function_of_more_than_fifteen_minutes_is_refused_once() -> None:
    (what,) = problems(lambda app: app.function("F", f"{HANDLERS}.anything", timeout=901))

    assert "aws ends a function after 900 s" in what


def test_an_api_answers_within_half_a_minute() -> None:
    (what,) = problems(lambda app: app.api("A").route("GET /", f"{HANDLERS}.request", timeout=31))

    assert "set timeout=30" in what


@pytest.mark.parametrize(
    "name", ["AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "_HANDLER", "_X_AMZN_TRACE_ID", "LAMBDA_TASK_ROOT", "ISTHMUS"]
)
def test_a_variable_that_lambda_sets_is_refused(name: str) -> None:
    (what,) = problems(lambda app: app.function("F", f"{HANDLERS}.anything", environment={name: "x"}))

    assert "choose another name" in what


@pytest.mark.parametrize(
    "name", ["TZ", "AWS_RETRY_MODE", "AWS_ENDPOINT_URL_SQS", "AWS_LAMBDA_EXEC_WRAPPER", "PYTHONPATH"]
)
def test_a_variable_that_lambda_leaves_to_the_function_is_taken(name: str) -> None:
    assert problems(lambda app: app.function("F", f"{HANDLERS}.anything", environment={name: "x"})) == []


def test_an_environment_of_more_than_four_kilobytes_is_refused() -> None:
    (what,) = problems(lambda app: app.function("F", f"{HANDLERS}.anything", environment={"BIG": "x" * 4096}))

    assert "aws takes 4,096" in what


def test_a_visibility_below_what_aws_advises_is_noted_and_one_below_the_timeout_refused() -> None:
    def declare(visibility: float) -> Callable[[App], object]:
        return lambda app: app.queue("Q", visibility_timeout=visibility).subscribe(f"{HANDLERS}.message", timeout=30)

    assert "advises a visibility_timeout of 180 s" in notes(declare(30))[0]
    assert "set visibility_timeout=180" in problems(declare(29))[0]


def test_what_a_stream_does_not_carry_is_said() -> None:
    assert any("does not promise stream.trace" in what for what in notes(lambda app: app.stream("L")))
