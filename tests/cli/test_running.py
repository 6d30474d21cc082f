"""The commands that act on an app that runs."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from isthmus.cli import project as project_module
from isthmus.message import Message
from tests.cli.capable import Capable, Run
from tests.fakes import FakeProvider

LIVE = """
def app(target):
    app = App("shop")
    work = app.queue("Work")
    app.topic("Events")
    clicks = app.stream("Clicks")
    resize = app.function("Resize", "tests.core.plan.handlers.anything")
    clicks.subscribe(resize)
    app.schedule("Nightly", "rate(1 day)", "tests.core.plan.handlers.nightly")
    return app
"""


ASKED: list[tuple[tuple[str, ...], bytes | None, tuple[Any, ...] | None, str | None]] = [
    (("invoke", "Resize"), None, ("invoke", "Resize", None), '{\n  "got": null\n}\n'),
    (("invoke", "Resize", "--json", '{"a": [1]}'), None, ("invoke", "Resize", {"a": [1]}), None),
    (("invoke", "Resize", "--json", "-"), b'"piped"', ("invoke", "Resize", "piped"), None),
    (("send", "Work", '{"a": 1}'), None, ("send", "Work", {"a": 1}, {}, None), "message-1\n"),
    (("send", "Work", "not {json"), None, ("send", "Work", "not {json", {}, None), None),
    (("send", "Work", "-"), "gr\u00fc\u00df".encode(), ("send", "Work", "gr\u00fc\u00df", {}, None), None),
    (
        ("send", "Work", "x", "--attribute", "a=1", "--attribute", "b=c=d", "--group", "ada"),
        None,
        ("send", "Work", "x", {"a": "1", "b": "c=d"}, "ada"),
        None,
    ),
    (
        (
            "publish",
            "Events",
            "[]",
            "--attribute",
            "type=a.b",
            "--attribute",
            "total=20",
            "--attribute",
            "rate=-1.5",
        ),
        None,
        ("publish", "Events", [], {"type": "a.b", "total": 20, "rate": -1.5}),
        "message-2\n",
    ),
    (("tick", "Nightly"), None, ("tick", "Nightly"), "Nightly has fired.\n"),
    (("replay", "Clicks", "Resize", "--since", "2026-01-01T00:00:00Z"), None, None, None),
]
"""A command, its standard input, what the running app is asked, and what is printed (None: whatever it is)."""


@pytest.mark.parametrize(("words", "input", "asked", "printed"), ASKED)
def test_a_running_app_is_asked_what_the_command_says(
    run: Run,
    provider: Capable,
    words: tuple[str, ...],
    input: bytes | None,
    asked: tuple[Any, ...],
    printed: str | None,
) -> None:
    result = run(LIVE, *words, input=input)

    assert result.exit_code == 0, result.output
    assert provider.live.asked == [asked or ("replay", "Clicks", "Resize", 1_767_225_600.0)]
    assert printed in (None, result.stdout)


@pytest.mark.parametrize(("since", "ago"), [("90s", 90), ("1.5h", 5400), ("2d", 172_800), ("3m", 180)])
def test_a_replay_may_begin_a_while_ago(run: Run, provider: Capable, since: str, ago: float) -> None:
    before = time.time()
    assert run(LIVE, "replay", "Clicks", "Resize", "--since", since).exit_code == 0

    assert before - ago <= provider.live.asked[0][3] <= time.time() - ago


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("invoke", "Resize", "--json", "{"), "the payload is not JSON"),
        (("send", "Work", "x", "--attribute", "a"), "'a' reads like NAME=VALUE"),
        (("send", "Work", "x", "--attribute", "=a"), "reads like NAME=VALUE"),
        (("send", "Work"), "Missing argument 'BODY'"),
        (("replay", "Clicks", "Resize"), "Missing option '--since'"),
        (("replay", "Clicks", "Resize", "--since", "yesterday"), "reads like 90s, 30m, 2h, 7d"),
        (("replay", "Clicks", "Resize", "--since", "-1h"), "reads like 90s, 30m, 2h, 7d"),
    ],
)
def test_a_wrong_use_of_a_command_asks_nothing(run: Run, provider: Capable, words: tuple[str, ...], fault: str) -> None:
    result = run(LIVE, *words)

    assert result.exit_code == 2
    assert fault in result.stderr
    assert provider.live.asked == []


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("invoke", "Resise"), "the app declares no function 'Resise': did you mean 'Resize'?"),
        (("send", "Events", "x"), "the app declares no queue 'Events': known: "),
        (("publish", "Work", "x"), "the app declares no topic 'Work': known: Events"),
        (("tick", "Nightli"), "the app declares no schedule 'Nightli': did you mean 'Nightly'?"),
        (("replay", "Click", "Resize", "--since", "1h"), "did you mean 'Clicks'?"),
        (("dead-letters", "Wrok"), "the app declares no resource 'Wrok': did you mean 'Work'?"),
        (("send", "Work", "-"), "standard input is not UTF-8"),
    ],
)
def test_a_mistyped_name_is_told_with_the_right_one(
    run: Run, provider: Capable, words: tuple[str, ...], fault: str
) -> None:
    result = run(LIVE, *words, input=b"\xff")

    assert result.exit_code == 1
    assert fault in result.stderr
    assert provider.live.asked == []


def test_a_name_that_a_broken_declaration_did_not_come_to_is_no_typo(run: Run, provider: Capable) -> None:
    result = run(LIVE.replace('app.topic("Events")', 'raise RuntimeError("no further")'), "tick", "Nightly")

    assert result.exit_code == 1
    assert "1 problem in the declaration" in result.stderr
    assert "no further" in result.stderr
    assert provider.live.asked == []


def test_dead_letters_are_shown_with_their_reason_and_as_json(run: Run, provider: Capable) -> None:
    told = {"dead-letter-source": "Work", "dead-letter-id": "7", "dead-letter-attempts": "5"}
    reason = {"dead-letter-reason": "ValueError: no"}
    provider.live.letters = [
        Message(b'{"a": 1}', id="9", attributes={"urgent": "yes", **told, **reason}, source="Work", sent_at=1.5),
        Message(b"\xff", id="10", attributes={**told, **reason}, source="Work", group="ada"),
    ]
    shown, as_json = run(LIVE, "dead-letters", "Work"), run(LIVE, "dead-letters", "Work", "--json")
    first, second = json.loads(as_json.stdout)

    assert "tried 5 times  ValueError: no" in shown.stdout
    assert '{"a": 1}' in shown.stdout
    assert shown.stdout.endswith("2 dead letters of Work.\n")
    assert first == {
        "id": "7",
        "source": "Work",
        "attempts": 5,
        "reason": "ValueError: no",
        "at": 1.5,
        "group": None,
        "attributes": {"urgent": "yes"},
        "body": '{"a": 1}',
    }
    assert (second["bodyBase64"], second["group"]) == ("/w==", "ada")


def test_a_provider_whose_apps_cannot_be_reached_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> FakeProvider:
        return FakeProvider()

    monkeypatch.setattr(project_module, "find", find)
    result = run(LIVE, "tick", "Nightly")

    assert result.exit_code == 1
    assert "an app that runs on provider 'fake' cannot be reached from here" in result.stderr
