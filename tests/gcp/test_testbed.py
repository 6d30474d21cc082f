"""The testbed of a deployed app, and the commands' door to it: over a small app in the emulated cloud."""

from __future__ import annotations

import time
from collections.abc import Generator

import pytest

from isthmus import ports
from isthmus.dead_letters import REASON
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.errors import InvalidValueError, InvocationFailedError, ServiceError
from isthmus.plan import PlanError
from isthmus.testing.errors import UnknownResourceError
from isthmus.testing.waiting import wait_until
from isthmus.tool_ports import ReachesApps, RunningApp
from isthmus_gcp import provider
from isthmus_gcp.testbed import GcpTestbed
from tests.emulators.gcp.testbed import EmulatedTestbed, deployed

HANDLERS = "tests.gcp.testbed_handlers"


def shop(target: Target) -> App:
    """Declare one of each thing that a testbed can reach."""
    app = App("shop", removal="remove")
    seen = app.table("Seen", fields={"id": "string"}, primary_index="id")
    api = app.api("Api")
    api.route("ANY /{path+}", f"{HANDLERS}.web", name="Web")
    app.function("Echo", f"{HANDLERS}.echo", link=[seen])
    app.stream("Clicks").subscribe(f"{HANDLERS}.read", name="Read", link=[seen])
    work = app.queue("Work", max_attempts=1)
    work.subscribe(f"{HANDLERS}.fail", name="Worker")
    app.function("Sender", f"{HANDLERS}.echo", link=[work])  # by whom what is delayed can be sent
    app.topic("Events")
    app.schedule("Nightly", "0 3 * * *", f"{HANDLERS}.fired", payload={"keep": 30})
    app.secret("ApiKey")
    app.parameter("Greeting", "hello")
    return app


@pytest.fixture(scope="module")
def bed() -> Generator[EmulatedTestbed]:
    bed = deployed(shop)
    yield bed
    bed.close()


@pytest.fixture
def running(bed: EmulatedTestbed) -> RunningApp:
    assert isinstance(provider, ReachesApps)
    target = Target("gcp", "test", account=bed.cloud.project, region=bed.cloud.region)
    return provider.running(shop(target), target)


def test_it_is_a_testbed(bed: EmulatedTestbed) -> None:
    a: ports.Testbed = bed

    assert a.request("GET", "/x").status == 200


def test_a_request_is_sent_as_it_is(bed: EmulatedTestbed) -> None:
    told = bed.request("PUT", "/a%2Fb//c", query={"x": ["1", "2"]}, headers={"x-one": "1"}, body="é").json()

    assert (told["method"], told["query"]) == ("PUT", [["x", "1"], ["x", "2"]])
    assert (told["one"], told["body"]) == ("1", "é")


def test_an_api_is_asked_at_the_address_that_is_given(bed: EmulatedTestbed) -> None:
    there = GcpTestbed(
        shop,
        account=bed.cloud.project,
        region=bed.cloud.region,
        urls={"Api": bed.made.outputs.get("none", "http://127.0.0.1:9")},
    )

    with pytest.raises(ServiceError, match="was not answered"):
        there.request("GET", "/")


def test_a_function_is_called_and_started(bed: EmulatedTestbed) -> None:
    result = bed.resource("Echo").invoke({"n": 1})
    bed.resource("Echo").start({"id": "started"})

    assert result == {"echo": {"n": 1}}
    wait_until(lambda: bed.resource("Seen").get("started"), 60)


def test_a_handlers_exception_is_named(bed: EmulatedTestbed) -> None:
    with pytest.raises(InvocationFailedError, match="KeyError"):
        bed.resource("Echo").invoke({"raise": True})


def test_a_message_may_be_delayed(bed: EmulatedTestbed) -> None:
    started = time.time()
    bed.resource("Work").send({"late": 1}, delay=1)
    letters = wait_until(lambda: [one for one in bed.dead_letters("Work") if "late" in one.text()], 60)

    assert letters[0].sent_at >= started + 0.9


def test_a_dead_letter_is_shown_and_stays(bed: EmulatedTestbed) -> None:
    sent = bed.resource("Work").send({"a": 1}, attributes={"type": "x"})
    letters = wait_until(lambda: [one for one in bed.dead_letters("Work") if one.attributes.get("type")], 60)
    again = [one for one in bed.dead_letters("Work") if one.attributes.get("type")]

    assert letters[0].json() == {"a": 1}
    assert letters[0].attributes["type"] == "x"
    assert "Failed" in letters[0].attributes[REASON]
    assert letters[0].source == "Work"
    assert sent in str(letters[0].attributes)
    assert len(again) == len(letters)


def test_a_tick_that_always_fails_is_a_dead_letter_of_its_schedule(bed: EmulatedTestbed) -> None:
    bed.tick("Nightly")

    assert wait_until(lambda: bed.dead_letters("Nightly"), 30)[0].source == "Nightly"


def test_a_replay_delivers_again(bed: EmulatedTestbed) -> None:
    bed.resource("Clicks").put({"id": "click"}, key="k")
    first = wait_until(lambda: bed.resource("Seen").get("click"), 60)
    time.sleep(1)  # what is acknowledged after a seek stays acknowledged
    bed.replay("Clicks", "Read", since=time.time() - 60)

    wait_until(lambda: bed.resource("Seen").get("click")["times"] > first["times"], 60)


def test_a_replay_for_no_reader_names_the_known_ones(bed: EmulatedTestbed) -> None:
    with pytest.raises(InvalidValueError, match="'Read'"):
        bed.replay("Clicks", "Rea")


def test_a_secret_that_is_set_is_read(bed: EmulatedTestbed) -> None:
    bed.set_secret("ApiKey", "one")
    before = bed.resource("ApiKey").value()
    bed.set_secret("ApiKey", "two")

    assert (before, bed.resource("ApiKey").value()) == ("one", "two")


@pytest.mark.parametrize("name", ["Nowhere", "Api", "Nightly"])
def test_what_is_no_linkable_resource_is_named(bed: EmulatedTestbed, name: str) -> None:
    with pytest.raises(UnknownResourceError):
        bed.resource(name)


def test_an_app_with_problems_is_no_testbed() -> None:
    def broken(target: Target) -> App:
        app = shop(target)
        app.queu("Typo")  # type: ignore[attr-defined]
        return app

    with pytest.raises(PlanError, match="queu"):
        provider.testbed(broken, account="p", region="r")


def test_the_commands_reach_the_app(running: RunningApp) -> None:
    assert running.invoke("Echo", {"n": 2}) == {"echo": {"n": 2}}
    assert running.publish("Events", {"n": 1}, attributes={"n": 1})
    assert running.send("Work", {"n": 1}, attributes={})
    assert running.dead_letters("Work")


def test_a_command_for_what_takes_events_says_so(running: RunningApp) -> None:
    with pytest.raises(InvalidValueError, match="not a payload"):
        running.invoke("Read", {})


def test_functions_that_died_are_replaced(bed: EmulatedTestbed) -> None:
    name = next(name for name in bed.cloud.logs() if "-echo-" in name)
    before = bed.resource("Echo").invoke(1)
    killed = bed.cloud.kill(name)

    assert killed
    assert bed.resource("Echo").invoke(1) == before
