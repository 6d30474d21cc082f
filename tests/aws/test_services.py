"""The clients of botocore that all links share: as botocore would make them, only sooner."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from isthmus.errors import ServiceError
from isthmus.links import Identity, Link
from isthmus_aws.linked import factories
from isthmus_aws.services import Services

OPERATIONS: dict[str, tuple[str, dict[str, str]]] = {
    "dynamodb": ("list_tables", {}),
    "kinesis": ("list_streams", {}),
    "lambda": ("list_functions", {}),
    "s3": ("list_objects_v2", {"Bucket": "bucket"}),
    "secretsmanager": ("list_secrets", {}),
    "sns": ("list_topics", {}),
    "sqs": ("list_queues", {}),
    "stepfunctions": ("list_state_machines", {}),
}
"""Each service of our clients, and something to ask it."""

REGIONS = ("us-east-1", "cn-north-1", "eu-somewhere-9")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let nothing of the developer's own AWS environment be seen."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAFROMENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


def services(**where: str) -> Services:
    return Services(Identity(app="a", stage="test", provider="aws", function="F", account="123456789012"), **where)


def requested(client: Any, service: str) -> Any:
    """Return the request that a client would send, signed."""
    sent: list[Any] = []

    def stop(request: Any, **_: object) -> None:
        sent.append(request)
        raise InterruptedError

    client.meta.events.register("before-send", stop)
    operation, arguments = OPERATIONS[service]
    with pytest.raises(InterruptedError):
        getattr(client, operation)(**arguments)
    return sent[0]


def scope(request: Any) -> str:
    """Return what the signature of a request is for: region and service."""
    credential = request.headers["Authorization"].decode().partition("Credential=")[2].partition(",")[0]
    return "/".join(credential.split("/")[2:])


def plain(service: str, region: str, config: Any) -> Any:
    """Return the client that botocore makes by itself."""
    return import_module("botocore.session").Session().create_client(service, region_name=region, config=config)


@pytest.mark.parametrize("region", REGIONS)
def test_requests_go_where_botocore_would_send_them(region: str) -> None:
    ours = services(region=region)
    for service in OPERATIONS:
        client = ours.client(service)
        theirs = requested(plain(service, region, client.meta.config), service)
        request = requested(client, service)

        assert (request.url, scope(request)) == (theirs.url, scope(theirs))


@pytest.mark.parametrize("variable", ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])
def test_variants_of_the_endpoints_are_as_botocore_has_them(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "true")
    client = services(region="us-west-2").client("dynamodb")
    config: Any = import_module("botocore.config").Config()
    theirs = requested(plain("dynamodb", "us-west-2", config), "dynamodb")

    assert requested(client, "dynamodb").url == theirs.url
    assert "fips" in theirs.url or "api.aws" in theirs.url


@pytest.mark.parametrize(
    ("region", "arn"),
    [
        ("eu-central-1", "arn:aws:sns:eu-central-1:123456789012:news"),
        ("cn-north-1", "arn:aws-cn:sns:cn-north-1:123456789012:news"),
        ("us-gov-west-1", "arn:aws-us-gov:sns:us-gov-west-1:123456789012:news"),
    ],
)
def test_an_arn_is_of_the_partition_of_the_region(region: str, arn: str) -> None:
    assert services(region=region).arn("sns", "news") == arn


def test_the_url_of_a_queue_is_that_of_its_region() -> None:
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/work"

    assert services(region="us-east-1").queue_url("work") == url


def test_many_threads_share_one_client_of_each_service() -> None:
    ours = services(region="us-east-1")
    with ThreadPoolExecutor(8) as pool:
        clients = list(pool.map(ours.client, ["dynamodb", "sqs"] * 8))

    assert len({id(client) for client in clients}) == 2


def test_the_usual_environment_is_respected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "[profile other]\nregion = eu-west-3\nservices = local\n"
        "[services local]\nsns =\n  endpoint_url = http://127.0.0.1:5\n"
    )
    (tmp_path / "credentials").write_text("[other]\naws_access_key_id = AKIAOFPROFILE\naws_secret_access_key = x\n")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_PROFILE", "other")
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:4")
    ours = services()

    assert requested(ours.client("dynamodb"), "dynamodb").url == "http://127.0.0.1:4/"
    assert requested(ours.client("sns"), "sns").url == "http://127.0.0.1:5/"
    request = requested(ours.client("kinesis"), "kinesis")
    assert "AKIAOFPROFILE" in request.headers["Authorization"].decode()
    assert scope(request).startswith("eu-west-3/kinesis")
    assert ours.arn("sns", "news") == "arn:aws:sns:eu-west-3:123456789012:news"


def test_keys_of_the_environment_come_first_and_sign_with_their_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    request = requested(services(region="us-east-1").client("dynamodb"), "dynamodb")

    assert "AKIAFROMENVIRONMENT" in request.headers["Authorization"].decode()
    assert request.headers["X-Amz-Security-Token"] == b"token"


def test_keys_that_expire_are_left_to_botocore_to_renew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z")
    client = services(region="us-east-1").client("dynamodb")

    with pytest.raises(RuntimeError, match="still expired"):
        client.list_tables()


def test_a_users_own_models_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model = tmp_path / "models" / "shelf" / "2020-01-01"
    model.mkdir(parents=True)
    metadata = '"protocol": "json", "endpointPrefix": "shelf", "serviceId": "Shelf", "signatureVersion": "v4"'
    (model / "service-2.json").write_text(f'{{"version": "2.0", "metadata": {{{metadata}}}, "operations": {{}}}}')
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path / "models"))

    assert services(region="us-east-1").client("shelf").meta.endpoint_url == "https://shelf.us-east-1.amazonaws.com"


def test_a_service_that_does_not_exist_is_refused_and_the_next_one_is_made() -> None:
    ours = services(region="us-east-1")

    with pytest.raises(ServiceError) as caught:
        ours.client("no-such-service")
    assert isinstance(caught.value.__cause__, import_module("botocore.exceptions").UnknownServiceError)
    assert ours.client("sqs").meta.region_name == "us-east-1"
    assert gc.isenabled()


def test_retries_are_of_the_standard_mode_and_no_request_waits_a_minute() -> None:
    config = services(region="us-east-1").client("dynamodb").meta.config

    assert config.retries["mode"] == "standard"
    assert config.connect_timeout <= 5
    assert config.read_timeout <= 30
    assert services(region="us-east-1").client("lambda").meta.config.read_timeout > 900


VERBS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "table": ("read", lambda table: table.get("a")),
    "queue": ("send", lambda queue: queue.send({})),
    "topic": ("publish", lambda topic: topic.publish({})),
    "stream": ("put", lambda stream: stream.put({}, key="a")),
    "bucket": ("read", lambda bucket: bucket.get("a")),
    "secret": ("read", lambda secret: secret.value()),
    "function": ("invoke", lambda function: function.start({})),
    "workflow": ("start", lambda workflow: workflow.start({})),
}
"""Kind of link to a verb, and what uses it."""

_TABLE = {"fields": {"id": "string"}, "key": ["id"]}


@pytest.mark.parametrize("kind", VERBS)
@pytest.mark.parametrize(
    ("variables", "hint"),
    [
        ({}, "Set AWS_REGION"),
        ({"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "nonsense"}, "nonsense"),
        ({"AWS_REGION": "eu-west-1", "AWS_PROFILE": "nobody"}, "sign in"),
    ],
)
def test_whatever_is_wrong_with_the_environment_each_client_says_so_by_an_error_of_the_core(
    monkeypatch: pytest.MonkeyPatch, kind: str, variables: dict[str, str], hint: str
) -> None:
    if "AWS_PROFILE" in variables:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    verb, use = VERBS[kind]
    properties = {**_TABLE, "inbox": "inbox"}
    client = factories(services())[kind](Link(kind, "Thing", "thing", (verb,), properties))

    with pytest.raises(ServiceError, match=hint) as caught:
        use(client)
    assert caught.value.__cause__ is not None
