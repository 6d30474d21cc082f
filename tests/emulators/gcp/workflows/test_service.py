"""The service in a cloud: deployments, executions, callbacks, and who may do what."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pulumi_gcp import workflows

from isthmus.testing.waiting import wait_until
from tests.emulators.environment import environment
from tests.emulators.gcp.deploy import deploy
from tests.emulators.gcp.owner import EMAIL
from tests.emulators.gcp.process import Google
from tests.emulators.gcp.session import Session
from tests.emulators.gcp.workflows.sample import ADD, REGION, Executions, program


@pytest.fixture(scope="module")
def deployed() -> Generator[tuple[Google, Any]]:
    with Google() as google, environment(google.variables()):
        yield google, deploy(program, google, stack="gcp-test").outputs


@pytest.fixture
def google(deployed: tuple[Google, Any]) -> Google:
    return deployed[0]


@pytest.fixture
def owner(google: Google) -> Executions:
    return Executions(google, EMAIL)


def callback_of(owner: Executions, execution: str) -> str:
    """Return the name of the one callback of an execution, once it is awaited."""

    def found() -> Any:
        _, told = owner.ask("GET", f"{execution}/callbacks")
        return [one["name"] for one in told["callbacks"] if one["waiters"] == "1"]

    (name,) = wait_until(found, 10, what="a callback")
    return str(name)


def test_an_execution_has_its_argument_its_variables_and_its_result(owner: Executions) -> None:
    name = owner.start("add", {"a": 1, "b": 2}, labels={"k": "v"})
    ended = owner.ended(name)

    assert json.loads(ended["result"]) == {"sum": 3, "colour": "red"}
    assert json.loads(ended["argument"]) == {"a": 1, "b": 2}
    assert (ended["state"], ended["labels"], ended["name"]) == ("SUCCEEDED", {"k": "v"}, name)
    assert ended["endTime"] >= ended["startTime"]


def test_a_failed_execution_has_payload_and_context(owner: Executions) -> None:
    ended = owner.ended(owner.start("add", {"a": 1}))

    assert (ended["state"], "result" in ended) == ("FAILED", False)
    assert json.loads(ended["error"]["payload"])["tags"] == ["KeyError"]
    assert 'routine "main"' in ended["error"]["context"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"argument": {"a": 1}}, 400, "INVALID_ARGUMENT"),
        ({"argument": "{"}, 400, "INVALID_ARGUMENT"),
        ({"argument": json.dumps("a" * 32 * 1024)}, 400, "INVALID_ARGUMENT"),
        ({"arguments": "{}"}, 400, "INVALID_ARGUMENT"),
        ("{", 400, "INVALID_ARGUMENT"),
        ("[]", 400, "INVALID_ARGUMENT"),
        ("[" * 100_000, 400, "INVALID_ARGUMENT"),
    ],
)
def test_what_no_execution_can_be_made_of_is_refused(owner: Executions, body: Any, status: int, code: str) -> None:
    answered, told = owner.ask("POST", owner.of("add"), body)

    assert (answered, told["error"]["status"]) == (status, code)


def test_what_is_not_there_is_not_found(owner: Executions) -> None:
    paths = [owner.of("nothing"), f"{owner.of('add')}/nothing", f"{owner.of('add')}/nothing/callbacks/1"]
    answers = [owner.ask("POST", paths[0], {}), owner.ask("GET", paths[1]), owner.ask("POST", paths[2], {})]

    assert [(status, told["error"]["status"]) for status, told in answers] == [(404, "NOT_FOUND")] * 3


@pytest.mark.parametrize(("email", "status"), [("", 401), ("may-not@isthmus-test.iam.gserviceaccount.com", 403)])
def test_whoever_has_no_role_is_refused_everything(owner: Executions, email: str, status: int) -> None:
    execution = owner.start("wait", {"seconds": 30})
    callback = callback_of(owner, execution)
    stranger = Executions(owner.google, email)
    asked = [("POST", owner.of("add")), ("GET", owner.of("add")), ("GET", execution), ("POST", f"{execution}:cancel")]
    answers = [stranger.ask(method, path) for method, path in (*asked, ("POST", callback))]

    assert [answer for answer, _ in answers] == [status] * 5
    assert owner.ask("POST", callback, {})[0] == 200


def test_a_callback_takes_one_request_of_its_method_while_it_is_awaited(owner: Executions) -> None:
    execution = owner.start("wait", {"seconds": 30})
    callback = callback_of(owner, execution)
    wrong, _ = owner.ask("GET", callback)
    status, _ = owner.ask("POST", callback, {"done": True})
    ended = owner.ended(execution)
    late, _ = owner.ask("POST", callback, {})

    assert (wrong, status, late) == (404, 200, 404)
    assert json.loads(ended["result"]) == {"done": True}


def test_a_callback_that_does_not_come_times_out_in_real_time(owner: Executions) -> None:
    began = time.monotonic()
    ended = owner.ended(owner.start("wait", {"seconds": 0.5}))

    assert json.loads(ended["error"]["payload"])["tags"] == ["TimeoutError"]
    assert time.monotonic() - began >= 0.5


def test_a_cancelled_execution_ends_and_cannot_be_cancelled_again(owner: Executions) -> None:
    execution = owner.start("wait", {"seconds": 60})
    callback_of(owner, execution)
    status, _ = owner.ask("POST", f"{execution}:cancel", {})
    ended = owner.ended(execution)
    again, told = owner.ask("POST", f"{execution}:cancel", {})

    assert (status, ended["state"]) == (200, "CANCELLED")
    assert (again, told["error"]["status"]) == (400, "FAILED_PRECONDITION")


def test_executions_are_listed_by_pages_the_newest_first_and_by_filters(google: Google, owner: Executions) -> None:
    google.put("workflow", owner.of("listed").removesuffix("/executions"), {"sourceContents": "- a: {return: 1}"})
    names = [owner.start("listed", labels={"n": str(number)}) for number in range(5)]
    for name in names:
        owner.ended(name)
    _, first = owner.ask("GET", f"{owner.of('listed')}?pageSize=3&view=FULL")
    _, rest = owner.ask("GET", f"{owner.of('listed')}?pageSize=3&pageToken={first['nextPageToken']}")
    _, none = owner.ask("GET", f"{owner.of('listed')}?filter=createTime%3E%222100-01-01T00:00:00Z%22")
    _, done = owner.ask("GET", f"{owner.of('listed')}?filter=state=%22SUCCEEDED%22")
    odd, _ = owner.ask("GET", f"{owner.of('listed')}?filter=colour=%22red%22")

    assert [one["name"] for one in (*first["executions"], *rest["executions"])] == names[::-1]
    assert first["executions"][0]["labels"] == {"n": "4"}
    assert "argument" not in rest["executions"][0]
    assert (len(none["executions"]), len(done["executions"]), odd) == (0, 5, 400)


def test_many_executions_run_at_once(owner: Executions) -> None:
    def summed(number: int) -> int:
        return int(owner.value("add", {"a": number, "b": 1})["sum"])

    with ThreadPoolExecutor(16) as threads:
        sums = list(threads.map(summed, range(32)))

    assert sums == [number + 1 for number in range(32)]


def test_a_private_function_takes_the_token_of_an_invoker_only(deployed: Any, owner: Executions) -> None:
    argument = {"url": deployed[1]["function"], "text": uuid.uuid4().hex}

    assert owner.value("call", argument) == "called"
    assert owner.value("call-may-not", argument) == 403


def test_a_workflow_publishes_where_its_account_may(google: Google, owner: Executions) -> None:
    topic, text = f"projects/{google.project}/topics/told", uuid.uuid4().hex
    session = Session(google.address)
    request = {"subscription": f"projects/{google.project}/subscriptions/told", "max_messages": 10}

    assert owner.value("publish", {"topic": topic, "text": text}) == 1
    pulled = session.subscriber.pull(request=request).received_messages
    assert [(one.message.data.decode(), dict(one.message.attributes)) for one in pulled] == [(text, {"k": "v"})]
    assert owner.value("publish-may-not", {"topic": topic, "text": text}) == 403


def test_a_workflow_runs_another_where_its_account_may(owner: Executions) -> None:
    assert owner.value("run", {"a": 1, "b": 2}) == 3
    assert owner.value("run", {"a": 1}) == "OperationError"
    assert owner.value("run-may-not", {"a": 1, "b": 2}) == "HttpError"


def test_an_execution_goes_on_with_the_revision_that_it_began_with(google: Google, owner: Executions) -> None:
    name = owner.of("changed").removesuffix("/executions")
    google.put("workflow", name, {"sourceContents": "- a: {call: sys.sleep, args: {seconds: 1}}\n- b: {return: old}"})
    old = owner.start("changed")
    google.put("workflow", name, {"sourceContents": "- a: {return: new}"})

    assert owner.value("changed") == "new"
    assert json.loads(owner.ended(old)["result"]) == "old"
    assert google.drop("workflow", name)
    assert owner.ask("POST", owner.of("changed"), {})[0] == 404


@pytest.mark.parametrize(
    ("source", "variables"), [("- a: {return: '${b}'}", {}), (ADD, {"GOOGLE_X": "1"}), (ADD, {"A": "1" * 5000})]
)
def test_what_google_refuses_is_not_deployed(google: Google, source: str, variables: dict[str, str]) -> None:
    def wrong() -> None:
        workflows.Workflow("wrong", name="wrong", region=REGION, source_contents=source, user_env_vars=variables)

    with pytest.raises(Exception, match=r"neither a variable|invalid environment"):
        deploy(wrong, google, stack="gcp-wrong")

    assert google.get("workflow", f"projects/{google.project}/locations/{REGION}/workflows/wrong") is None
