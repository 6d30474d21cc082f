"""The testbed of a deployed app, and the commands' door to it: over an app that is made by hand in the emulator."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from isthmus import ports
from isthmus.dead_letters import REASON
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.errors import InvalidValueError, InvocationFailedError
from isthmus.plan import PlanError
from isthmus.testing.waiting import wait_until
from isthmus.tool_ports import ReachesApps, RunningApp
from isthmus_aws import names, testbed, wire
from isthmus_aws.api_requests import ApiNotDeployedError
from isthmus_aws.aws_provider import AwsProvider
from isthmus_aws.testbed import AwsTestbed
from tests.aws.clients.lambdas import deploy
from tests.emulators.aws.ministack import Ministack, ministack

__all__ = ["ministack"]

STAGE = f"s{uuid.uuid4().hex[:12]}"

HANDLER = """
import json, time

def handle(event, context):
    event = event or {}
    if "requestContext" in event:
        seen = {name: event.get(name) for name in ("rawPath", "rawQueryString", "headers", "body", "isBase64Encoded")}
        seen["method"] = event["requestContext"]["http"]["method"]
        return {"statusCode": 201, "headers": {"x-seen": "yes"}, "body": json.dumps(seen)}
    if "Records" not in event:
        return {"echo": event}
    records = [record["kinesis"] for record in event["Records"]]
    print("BATCH", json.dumps(event["Records"]))
    fail = [record["sequenceNumber"] for record in records if record["partitionKey"] == "poison"]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in fail[:1]]}
"""


def shop(target: Target) -> App:
    """Declare one of each thing that a testbed can reach."""
    app = App("shop", removal="remove")
    api = app.api("Api")
    api.route("ANY /{path+}", "handlers.web", name="Web")
    app.function("Echo", "handlers.echo")
    app.stream("Clicks").subscribe("handlers.read", name="Read", batch_size=2)
    app.queue("Work").subscribe("handlers.work", name="Worker")
    app.topic("Events")
    app.schedule("Nightly", "0 3 * * *", "handlers.fired", payload={"keep": 30})
    app.secret("ApiKey")
    app.parameter("Greeting", "hello")
    return app


class Made:
    """What is made of the app, by declared name: physical names."""

    def __init__(self, ministack: Ministack) -> None:
        self.ministack = ministack
        self.target = Target("aws", STAGE, account=ministack.account, region=ministack.region)
        self.app = shop(self.target)
        self.resources = {resource.name: resource for resource in self.app.resources}

    def name(self, declared: str) -> str:
        resource = self.resources[declared]
        return names.physical_name(self.app, self.target, resource.kind, declared)

    def inbox(self, source: str, function: str) -> str:
        return names.inbox_name(self.app, self.target, self.resources[source], self.resources[function])

    def url(self, queue: str) -> str:
        return str(self.ministack.client("sqs").get_queue_url(QueueName=queue)["QueueUrl"])

    def make(self) -> None:
        """Create it all, and wait for the stream."""
        client = self.ministack.client
        for function in ("Web", "Echo", "Read"):
            deploy(self.ministack, self.name(function), HANDLER)
        for queue in (self.name("Work"), self.name("WorkDeadLetters"), self.inbox("Nightly", self.fired)):
            client("sqs").create_queue(QueueName=queue)
        client("sqs").create_queue(QueueName=self.inbox("Echo", "Echo"))
        client("sns").create_topic(Name=self.name("Events"))
        client("secretsmanager").create_secret(Name=self.name("ApiKey"))
        client("kinesis").create_stream(StreamName=self.name("Clicks"), ShardCount=2)
        self._make_api()
        stream = self.name("Clicks")
        wait_until(lambda: client("kinesis").list_shards(StreamName=stream)["Shards"])

    @property
    def fired(self) -> str:
        """The function of the schedule."""
        return str(self.resources["Nightly"].function.name)  # type: ignore[attr-defined]

    def _make_api(self) -> None:
        gateway = self.ministack.client("apigatewayv2")
        api = gateway.create_api(Name=self.name("Api"), ProtocolType="HTTP")["ApiId"]
        arn = f"arn:aws:lambda:{self.target.region}:{self.target.account}:function:{self.name('Web')}"
        integration = gateway.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0"
        )["IntegrationId"]
        gateway.create_route(ApiId=api, RouteKey="ANY /{path+}", Target=f"integrations/{integration}")
        gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)


@pytest.fixture(scope="module")
def made(ministack: Ministack) -> Made:
    """Return the app as it is made in the emulator, once for this module."""
    made = Made(ministack)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ministack.environment.items():
            patch.setenv(name, value)
        made.make()
    return made


@pytest.fixture
def bed(made: Made, monkeypatch: pytest.MonkeyPatch) -> AwsTestbed:
    for name, value in made.ministack.environment.items():
        monkeypatch.setenv(name, value)
    return testbed.testbed(shop, stage=STAGE)


@pytest.fixture
def running(bed: AwsTestbed, made: Made) -> RunningApp:
    provider = AwsProvider()
    assert isinstance(provider, ReachesApps)
    return provider.running(shop(Target("aws", STAGE)), Target("aws", STAGE))


def received(made: Made, queue: str) -> list[Mapping[str, Any]]:
    """Take what is in a queue."""
    sqs, url = made.ministack.client("sqs"), made.url(queue)
    found: list[Mapping[str, Any]] = []
    while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
        "Messages"
    ):
        for message in batch:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        found += batch
    return found


# requests


@pytest.mark.parametrize("path", ["/files/%2e%2e/x", "/a%2Fb", "/é ü", "/a/../b", "//x", "/a;b=c,d", "/%zz"])
def test_a_path_goes_out_as_it_is_given_and_anything_else_encoded(bed: AwsTestbed, path: str) -> None:
    sent: list[str] = []
    original = http.client.HTTPConnection.putrequest

    def putrequest(self: Any, method: str, url: str, **options: Any) -> None:
        sent.append(url)
        original(self, method, url, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http.client.HTTPConnection, "putrequest", putrequest)
        bed.request("GET", path)

    assert sent[-1] == ("/%C3%A9%20%C3%BC" if path == "/é ü" else path)


def test_a_request_reaches_its_function_with_all_of_it(bed: AwsTestbed) -> None:
    response = bed.request(
        "PUT",
        "/files/a",
        query={"q": ["1", "é&"], "r": ""},
        headers=[("x-a", "1"), ("x-b", "2")],
        json={"n": [1]},
    )
    seen = response.json()

    assert response.status == 201
    assert response.headers.get("x-seen") == "yes"
    assert (seen["method"], seen["rawPath"], seen["body"]) == ("PUT", "/files/a", '{"n":[1]}')
    assert (seen["headers"]["x-a"], seen["headers"]["content-type"]) == ("1", "application/json")
    assert seen["rawQueryString"] == "q=1&q=%C3%A9%26&r="


def test_bodies_and_methods_of_every_kind_go_out(bed: AwsTestbed) -> None:
    assert bed.request("POST", "/x", body="text é").json()["headers"]["content-type"] == "text/plain; charset=utf-8"
    assert bed.request("POST", "/x", form={"a": "x&y"}).json()["body"] in ("a=x%26y", "YT14JTI2eQ==")
    assert bed.request("POST", "/x").status == 201
    assert bed.request("HEAD", "/x").body == b""
    assert bed.request("DELETE", "/x").json()["method"] == "DELETE"
    with pytest.raises(TypeError):
        bed.request("POST", "/x", body="a", json={})


def test_an_address_given_by_hand_is_used_and_a_missing_api_is_told(made: Made, bed: AwsTestbed) -> None:
    found = made.ministack.client("apigatewayv2").get_apis()["Items"]
    url = next(api["ApiEndpoint"] for api in found if api["Name"] == made.name("Api"))
    given = testbed.testbed(shop, stage=STAGE, urls={"Api": f"{url}/files"})
    assert given.request("GET", "/a").json()["rawPath"] == "/files/a"
    elsewhere = testbed.testbed(shop, stage="elsewhere")

    with pytest.raises(ApiNotDeployedError, match="pulumi up"):
        elsewhere.request("GET", "/a")
    with pytest.raises(LookupError, match="Api"):
        bed.request("GET", "/a", api="Nonsense")


# resources


def test_every_declared_resource_has_a_client_with_all_verbs_and_its_physical_name(made: Made, bed: AwsTestbed) -> None:
    for name in ("Echo", "Clicks", "Work", "Events", "ApiKey"):
        assert bed.resource(name).name == made.name(name)
    assert bed.resource("Greeting").value() == "hello"
    assert bed.resource("Echo").invoke({"a": 1}) == {"echo": {"a": 1}}
    assert bed.resource("Work") is bed.resource("Work")
    bed.resource("Echo").start({"n": 1})
    assert [json.loads(message["Body"]) for message in received(made, made.inbox("Echo", "Echo"))] == [{"n": 1}]


@pytest.mark.parametrize("name", ["NoSuch", "Api", "Nightly"])
def test_what_is_not_declared_or_not_linkable_is_told_with_what_is(bed: AwsTestbed, name: str) -> None:
    with pytest.raises(LookupError, match="Work"):
        bed.resource(name)


def test_a_tick_is_what_the_schedule_sends(made: Made, bed: AwsTestbed) -> None:
    bed.tick("Nightly")
    (message,) = received(made, made.inbox("Nightly", made.fired))
    told = json.loads(message["Body"])

    assert (told["schedule"], told["payload"]) == ("Nightly", {"keep": 30})
    assert abs(time.mktime(time.strptime(told["due"], "%Y-%m-%dT%H:%M:%SZ")) - time.mktime(time.gmtime())) < 60
    assert "MessageAttributes" not in message


def test_a_secret_that_is_set_is_read_at_once(bed: AwsTestbed) -> None:
    for value in ("one", "two é"):
        bed.set_secret("ApiKey", value)
        assert bed.resource("ApiKey").value() == value
    with pytest.raises(LookupError, match="ApiKey"):
        bed.set_secret("NoSuch", "x")


# replay


def batches(made: Made, mark: str) -> list[list[tuple[str, str]]]:
    """Return (key, data) of each record of each batch that `Read` has logged and that holds `mark`."""
    from base64 import b64decode

    logs, group = made.ministack.client("logs"), f"/aws/lambda/{made.name('Read')}"
    lines = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    found = [json.loads(line.partition("BATCH ")[2]) for line in lines if "BATCH " in line]
    read = [
        [(record["kinesis"]["partitionKey"], b64decode(record["kinesis"]["data"]).decode()) for record in batch]
        for batch in found
    ]
    return [batch for batch in read if any(mark in data for _, data in batch)]


def test_a_replay_delivers_what_came_since_in_order_and_in_batches(made: Made, bed: AwsTestbed) -> None:
    clicks, mark = bed.resource("Clicks"), uuid.uuid4().hex
    clicks.put(f"{mark} old", key="k")
    time.sleep(0.05)
    since = time.time()
    clicks.put_many(("k", f"{mark} {n}") for n in range(5))
    bed.replay("Clicks", "Read", since=since)
    seen = wait_until(lambda: batches(made, mark) if sum(map(len, batches(made, mark))) >= 5 else [])

    assert [len(batch) for batch in seen] == [2, 2, 1]
    assert [data for batch in seen for _, data in batch] == [f"{mark} {n}" for n in range(5)]


def test_a_record_that_is_never_handled_ends_a_replay_with_its_number(bed: AwsTestbed) -> None:
    since = time.time()
    number = bed.resource("Clicks").put("x", key="poison")

    with pytest.raises(InvocationFailedError, match=number):
        bed.replay("Clicks", "Read", since=since)


def test_only_a_subscribed_function_gets_a_replay(bed: AwsTestbed) -> None:
    with pytest.raises(InvalidValueError, match="Read"):
        bed.replay("Clicks", "Echo")
    with pytest.raises(LookupError, match="Clicks"):
        bed.replay("Work", "Read")


# dead letters, and the commands' door


def test_dead_letters_are_shown_and_stay(made: Made, running: RunningApp) -> None:
    sqs, url = made.ministack.client("sqs"), made.url(made.name("WorkDeadLetters"))
    for n in range(12):
        text, native = wire.outgoing(f"é {n}".encode(), {REASON: "ValueError: no", "type": "a"})
        sqs.send_message(QueueUrl=url, MessageBody=text, MessageAttributes=native)
    first, again = running.dead_letters("Work"), running.dead_letters("Work")

    assert sorted(letter.body for letter in first) == sorted(letter.body for letter in again)
    assert {letter.body.decode() for letter in first} == {f"é {n}" for n in range(12)}
    assert first[0].attributes == {REASON: "ValueError: no", "type": "a"}
    assert [letter.sent_at for letter in first] == sorted(letter.sent_at for letter in first)
    assert abs(first[0].sent_at - time.time()) < 60
    assert len(received(made, made.name("WorkDeadLetters"))) == 12


def test_the_commands_reach_the_app(made: Made, running: RunningApp) -> None:
    sent = running.send("Work", {"a": 1}, attributes={"type": "x"})
    assert [message["MessageId"] for message in received(made, made.name("Work"))] == [sent]
    assert running.publish("Events", "x", attributes={"n": 1})
    assert running.invoke("Echo", {"a": 1}) == {"echo": {"a": 1}}
    running.tick("Nightly")
    assert len(received(made, made.inbox("Nightly", made.fired))) == 1


@pytest.mark.parametrize(
    ("verb", "arguments", "told"),
    [
        ("invoke", ("NoSuch", None), "Echo"),
        ("invoke", ("Read", None), "events of stream"),
        ("send", ("Works", None), "Work"),
        ("publish", ("Work", None), "Events"),
        ("tick", ("Echo",), "Nightly"),
        ("dead_letters", ("NoSuch",), "Work"),
    ],
)
def test_a_name_that_the_app_does_not_have_is_told_with_those_it_has(
    running: RunningApp, verb: str, arguments: tuple[Any, ...], told: str
) -> None:
    options: dict[str, Any] = {"attributes": {}} if verb in ("send", "publish") else {}

    with pytest.raises(InvalidValueError, match=told):
        getattr(running, verb)(*arguments, **options)


def test_a_declaration_with_problems_is_refused(made: Made, bed: AwsTestbed) -> None:
    def broken(target: Target) -> App:
        app = shop(target)
        app.queu("Typo")  # type: ignore[attr-defined]
        return app

    with pytest.raises(PlanError, match="queu"):
        testbed.testbed(broken, stage=STAGE)


def test_it_is_a_testbed_and_closing_it_leaves_the_app_alone(bed: AwsTestbed) -> None:
    port: ports.Testbed = bed
    port.close()

    assert bed.resource("Echo").invoke({"n": 1}) == {"echo": {"n": 1}}
