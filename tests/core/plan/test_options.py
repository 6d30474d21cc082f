from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.api import Cors
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.plan import plan
from tests.core.plan.app import HANDLERS, problems
from tests.fakes import FakeProvider


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"max_attempts": "5"}, "queue 'Work': max_attempts must be a whole number, not '5'"),
        ({"max_attempts": 2.5}, "queue 'Work': max_attempts must be a whole number, not 2.5"),
        ({"max_attempts": True}, "queue 'Work': max_attempts must be a whole number, not True"),
        ({"max_attempts": 0}, "queue 'Work': max_attempts must be at least 1, not 0"),
        ({"visibility_timeout": 0}, "queue 'Work': visibility_timeout must be above 0, not 0"),
        ({"visibility_timeout": float("nan")}, "queue 'Work': visibility_timeout must be a number, not nan"),
        ({"visibility_timeout": None}, "queue 'Work': visibility_timeout must be a number, not None"),
        ({"delay": -1}, "queue 'Work': delay must be at least 0, not -1"),
        ({"fifo": "yes"}, "queue 'Work': fifo must be True or False, not 'yes'"),
        ({"tags": {"team": 5}}, "queue 'Work': tags must be a mapping of names to text, not {'team': 5}"),
        ({"transform": 5}, "queue 'Work': transform must be a mapping or a callable or None, not 5"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_what_it_should_be(options: dict[str, Any], fault: str) -> None:
    assert fault in problems(lambda app: app.queue("Work", **options))


@pytest.mark.parametrize("memory", [-1, 0])
def test_the_options_of_a_function_are_checked_wherever_it_is_declared(memory: int) -> None:
    found = problems(lambda app: app.api("Api").route("GET /", f"{HANDLERS}.request", memory=memory))

    assert found == [f"function 'HandlersRequest': memory must be at least 1, not {memory}"]


def test_the_options_of_a_subscription_are_checked() -> None:
    found = problems(lambda app: app.queue("Work").subscribe(f"{HANDLERS}.message", batch_size=0))

    assert found == ["subscription to queue 'Work': batch_size must be at least 1, not 0"]


def test_a_mistyped_option_is_refused_with_the_right_one() -> None:
    found = problems(lambda app: app.queue("Work", max_atempts=5))  # type: ignore[call-arg] # pyright: ignore

    assert found == ["queue of 'shop' has no option 'max_atempts': did you mean 'max_attempts'?"]


def test_an_option_by_position_is_refused_with_the_names() -> None:
    found = problems(lambda app: app.queue("Work", 5))  # type: ignore[call-arg] # pyright: ignore

    assert len(found) == 1
    assert "takes its options by name: delay, fifo" in found[0]


def test_a_missing_option_is_told_with_what_it_should_be() -> None:
    found = problems(lambda app: app.table("Orders"))  # type: ignore[call-arg] # pyright: ignore

    assert found == [
        "table 'Orders' needs fields: a mapping of names to text",
        "table 'Orders' needs primary_index: text or (text, text)",
    ]


def test_a_wrong_value_does_not_hide_what_else_is_wrong() -> None:
    def declare(app: App) -> None:
        queue = app.queue("Work", max_attempts="5", visibility_timeout=20)  # type: ignore[arg-type] # pyright: ignore
        queue.subscribe(f"{HANDLERS}.message", memory="big")  # type: ignore[arg-type] # pyright: ignore

    found = problems(declare)

    assert len(found) == 3
    assert any("set visibility_timeout=30" in what for what in found)


def test_options_beside_a_function_that_is_declared_already_are_not_lost_in_silence() -> None:
    def declare(app: App) -> None:
        function = app.function("Worker", f"{HANDLERS}.anything")
        app.api("Api").route("GET /", function, memory=512)

    (what,) = problems(declare)

    assert what.startswith("function 'Worker' is declared at tests/core/plan/test_options.py:")
    assert what.endswith("give memory there")


def test_options_beside_a_queue_that_is_subscribed_are_not_lost_in_silence() -> None:
    found = problems(lambda app: app.topic("Events").subscribe(app.queue("Work"), memory=512))

    assert found == ["a queue runs nothing: give memory where 'Work' is subscribed to"]


def test_a_mistyped_method_is_refused_with_the_right_one() -> None:
    found = problems(lambda app: app.api("Api").rout("GET /", "x.y"))  # type: ignore[attr-defined] # pyright: ignore

    assert found == ["api 'Api' has no method 'rout': did you mean 'route'?"]


@pytest.mark.parametrize(
    ("cors", "fault"),
    [
        (Cors(origins=[]), "allows no origin"),
        (Cors(origins=["*"], credentials=True), "browsers refuse credentials with origin '*'"),
        (Cors(origins=["example.com"]), "'example.com' is no origin"),
        (Cors(origins=["https://example.com/path"]), "is no origin"),
        (Cors(origins=["*"], methods=["get"]), "no method is 'get': did you mean 'GET'?"),
        (Cors(origins="*"), "origins must be a list of text, not '*'"),
        (Cors(origins=["*"], max_age=-1), "max_age must be at least 0"),
    ],
)
def test_a_cors_that_no_browser_would_follow_is_refused(cors: Cors, fault: str) -> None:
    found = problems(lambda app: app.api("Api", cors=cors))

    assert any(fault in what for what in found)


def test_cors_must_be_a_cors() -> None:
    found = problems(lambda app: app.api("Api", cors=True))  # type: ignore[arg-type] # pyright: ignore

    assert found == ["api 'Api': cors must be Cors or None, not True"]


def test_the_apps_own_options_are_checked() -> None:
    app = App("shop", removal="keep", tags={"team": 1}, transform={"queu": {}, "table": 5})  # type: ignore[dict-item,arg-type] # pyright: ignore
    found = [problem.what for problem in plan(app, Target("fake", "dev"), FakeProvider()).problems]

    assert found == [
        "the app's removal must be 'remove' or 'retain', not 'keep'",
        "the app's tags must be a mapping of names to text, not {'team': 1}",
        "transform of 'table' is a mapping or a callable, not 5",
        "transform: there is no kind 'queu': did you mean 'queue'?",
    ]


def test_an_output_that_is_no_property_is_refused() -> None:
    def declare(app: App) -> None:
        api = app.api("Api")
        app.output(good=api.url, text="x", bad=api.ulr, worse=object())  # type: ignore[attr-defined] # pyright: ignore

    found = problems(declare)

    assert "output 'bad': api 'Api' has no property 'ulr'; it has: Api.url" in found
    assert any(what.startswith("output 'worse' must be") for what in found)
