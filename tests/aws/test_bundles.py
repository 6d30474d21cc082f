"""The bundles of Lambda functions: what the reference app's have, and that the real entry starts from them."""

from __future__ import annotations

import json
import marshal
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra.app import app as reference
from isthmus.bundling.bundle import Bundle, BundleError
from isthmus.bundling.packing import LIBRARY
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.links import VARIABLE, Identity, Link, encode
from isthmus.parts import part
from isthmus.plan import Plan
from isthmus.plan import plan as make_plan
from isthmus_aws import provider
from isthmus_aws.bundles import PROVIDED, UNZIPPED_LIMIT, bundles, lambda_platform, parts_of
from isthmus_aws.delivery.deliveries import ENVELOPES, WAYS
from isthmus_aws.events.deliveries import EVENTBRIDGE, SERVICES
from isthmus_aws.events.sqs import PUSHED
from isthmus_aws.function import DELIVERIES, TASK, WEB
from isthmus_aws.linked import CLIENTS
from isthmus_aws.web import ROUTER
from isthmus_aws.wire import WORKFLOW
from tests.core.bundling.projects import file_of

TARGET = Target(provider="aws", stage="dev", account="123456789012", region="eu-central-1")

FIRST_EVENT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from isthmus_start import handle
class Context:
    aws_request_id = "1"
    client_context = None
    def get_remaining_time_in_millis(self): return 30000
answer = handle(json.load(sys.stdin), Context())
print(json.dumps(answer))
loaded = {name.split(".")[0] for name in sys.modules}
print(sorted(name for name in loaded if name.startswith(("isthmus", "functions"))), file=sys.stderr)
"""


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Keep these bundles out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def planned() -> Plan:
    return make_plan(reference(TARGET), TARGET, provider)


@pytest.fixture(scope="module")
def built(planned: Plan) -> Mapping[str, Bundle]:
    return bundles(planned)


def modules(bundle: Bundle) -> set[str]:
    with ZipFile(bundle.path) as archive:
        every = [*archive.namelist(), *map(file_of, marshal.loads(archive.read(LIBRARY)))]
        files = [re.sub(r"__pycache__/|\.cpython-\d+", "", name) for name in every]
        return {name.rpartition(".")[0].replace("/", ".") for name in files if name.endswith((".py", ".pyc"))}


def test_each_function_of_the_reference_app_has_a_bundle_and_so_has_what_they_have_in_common(
    planned: Plan, built: Mapping[str, Bundle]
) -> None:
    assert set(built) == {"", "Api-rest", *planned.identities}


def test_a_bundle_has_its_handlers_modules_the_entry_its_own_clients_and_no_deployment(
    built: Mapping[str, Bundle],
) -> None:
    found = modules(built["OrdersCreate"])

    assert {"functions.orders", "functions.resources", "isthmus_aws.entry", "isthmus_aws.clients.table"} <= found
    parts = {".".join(name.split(".")[:2]) for name in found}
    assert parts.isdisjoint({"isthmus_aws.infra", "isthmus_aws.rules", "isthmus_aws.bundles", "isthmus_aws.testbed"})
    assert "isthmus_aws.aws_provider" not in found
    assert not [name for name in found if name.startswith(("isthmus_local", "pulumi", "botocore", "tests", "infra"))]
    assert "functions.search" not in found


@pytest.mark.parametrize(
    ("trigger", "there", "not_there"),
    [
        ("http", "web", "delivery.deliveries"),
        ("queue", "delivery.queue events.sqs", "web events.sns delivery.log delivery.direct"),
        ("topic", "delivery.queue events.sqs events.sns delivery.direct", "web events.object"),
        ("bucket", "events.sqs events.object delivery.objects delivery.direct", "web events.tick events.sns"),
        ("schedule", "events.sqs events.tick delivery.queue delivery.direct", "web events.object"),
        ("stream", "events.kinesis delivery.log", "web events.sqs events.change delivery.queue"),
        ("table", "events.change delivery.log", "web events.sqs events.kinesis delivery.queue"),
        ("task", "events.sqs delivery.queue", "web events.sns events.tick delivery.log"),
    ],
)
def test_a_function_carries_what_its_kind_of_event_needs_and_not_what_others_do(
    trigger: str, there: str, not_there: str
) -> None:
    identity = Identity(app="shop", stage="dev", provider="aws", function="F", triggers=(trigger,))
    links = {"Orders": Link("table", "Orders", "shop-dev-Orders", ("get",))}
    linked = Identity(app="shop", stage="dev", provider="aws", function="F", triggers=(trigger,), links=links)

    parts = {name.removeprefix("isthmus_aws.") for name in parts_of(identity)}

    assert set(there.split()) <= parts
    assert parts.isdisjoint(not_there.split())
    assert {*parts_of(linked)} - {*parts_of(identity)} == {"isthmus_aws.clients.table"}


def test_every_part_that_a_table_names_is_there() -> None:
    triggers = ("http", "queue", "topic", "bucket", "schedule", "stream", "table", "task")
    links = {kind: Link(kind, kind, "", ()) for kind in CLIENTS}
    identity = Identity(
        app="shop", stage="dev", provider="aws", function="F", triggers=triggers, links=links, routes={"GET /": ""}
    )
    services = [service.reader for service in (*SERVICES.values(), EVENTBRIDGE)]
    tables = [WEB, DELIVERIES, TASK, WORKFLOW, ROUTER, *services, *WAYS.values(), *PUSHED.values(), *ENVELOPES.values()]

    assert all(callable(part(path)) for path in (*tables, *CLIENTS.values()))
    assert {path.partition(":")[0] for path in (*tables, *CLIENTS.values())} == {*parts_of(identity)}


def test_a_function_that_has_an_address_of_its_own_carries_what_requests_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App("shop")
    queue = app.queue("Jobs")
    queue.subscribe("functions.inventory.reserve", name="Worker", transform={"url": {"auth": "AWS_IAM"}})

    built = bundles(make_plan(app, TARGET, provider))

    assert {"isthmus_aws.web", "isthmus_aws.delivery.queue"} <= modules(built["Worker"])


def test_what_a_bundle_lacks_is_told_by_name_and_with_what_to_do(
    built: Mapping[str, Bundle], planned: Plan, tmp_path: Path
) -> None:
    with ZipFile(built["OrdersRead"].path) as archive:
        archive.extractall(tmp_path)
    code = "import sys; sys.path.insert(0, sys.argv[1]); import isthmus_start; import isthmus_aws.delivery.queue"
    environment = {"PATH": os.environ["PATH"], **planned.environment("OrdersRead")}

    command = [sys.executable, "-I", "-S", "-c", code, str(tmp_path)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert "ModuleNotFoundError: isthmus_aws.delivery is not in this function's bundle" in run.stderr


def test_lambdas_call_starts_from_the_unpacked_bundle_alone(
    planned: Plan, built: Mapping[str, Bundle], tmp_path: Path
) -> None:
    with ZipFile(built["OrdersRead"].path) as archive:
        archive.extractall(tmp_path)
    command = [sys.executable, "-I", "-S", "-c", FIRST_EVENT, str(tmp_path)]
    environment = {"PATH": os.environ["PATH"], **planned.environment("OrdersRead")}

    ping = subprocess.run(
        command, input=json.dumps({"isthmus": "ping"}), env=environment, capture_output=True, text=True, check=False
    )

    assert (ping.returncode, ping.stdout) == (0, '{"isthmus": "pong"}\n'), ping.stderr
    assert ping.stderr.strip() == "['functions', 'isthmus', 'isthmus_aws', 'isthmus_start']"


def test_a_bundle_without_handlers_starts_as_well(built: Mapping[str, Bundle], tmp_path: Path) -> None:
    with ZipFile(built["Api-rest"].path) as archive:
        archive.extractall(tmp_path)
    command = [sys.executable, "-I", "-S", "-c", FIRST_EVENT, str(tmp_path)]
    identity = Identity(
        app="shop", stage="dev", provider="aws", function="Api-rest", triggers=("http",), routes={"GET /orders": ""}
    )
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/nowhere",
        "requestContext": {"stage": "$default", "http": {"method": "GET"}},
    }

    run = subprocess.run(
        command, input=json.dumps(event), env={VARIABLE: encode(identity)}, capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["statusCode"] == 404


def test_core_and_adapter_stay_small(planned: Plan, built: Mapping[str, Bundle]) -> None:
    """The benchmark holds them to 100 KB for each kind of function; those of the app do more."""
    for name, bundle in built.items():
        links = planned.identities[name].links.values() if name in planned.identities else ()
        ours = {part: size for part, size in bundle.parts.items() if part.startswith("isthmus")}
        most = 103_000 if len({link.kind for link in links} - {"parameter"}) < 2 else 112_000
        assert sum(ours.values()) <= most, (name, ours)


def test_an_architecture_of_a_transform_decides_what_a_function_is_built_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arm = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + (3).to_bytes(2, "little") + (183).to_bytes(2, "little") + b"\0" * 44
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf/code.py").write_text("def handle(event):\n    from shelf import fast\n")
    (tmp_path / "shelf/fast.abi3.so").write_bytes(arm)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    def declare(architecture: str) -> Plan:
        app = App("shop")
        app.function("F", "shelf.code.handle", transform={"architecture": architecture})
        return make_plan(app, TARGET, provider)

    assert bundles(declare("arm64"))["F"].compiled
    with pytest.raises(BundleError, match="compiled for another machine; a function runs on x86_64"):
        bundles(declare("x86_64"))


def test_an_api_with_one_function_has_one_bundle_of_all_its_handlers() -> None:
    app = App("shop")
    api = app.api("Api", transform={"functions": "one"})
    api.route("GET /orders", "functions.orders.list_orders")
    api.route("GET /search", "functions.search.find")

    built = bundles(make_plan(app, TARGET, provider))

    assert set(built) == {"", "Api-all", "Api-rest"}
    assert {"functions.orders", "functions.search"} <= modules(built["Api-all"])


def test_the_platform_is_that_of_the_runtime() -> None:
    assert lambda_platform("arm64", "python3.11").tags[0] == "manylinux_2_26_aarch64"
    assert lambda_platform("x86_64", "python3.13").tags[0] == "manylinux_2_34_x86_64"
    assert lambda_platform("x86_64", "python3.13").python == (3, 13)
    assert lambda_platform().size_limit == UNZIPPED_LIMIT == 262_144_000


def test_the_sdk_that_the_runtime_has_is_all_that_botocore_and_boto3_require() -> None:
    from importlib.metadata import requires

    from isthmus.bundling.distributions import requirement

    waiting, found = ["boto3"], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [requirement(text)[0] for text in requires(name) or [] if "extra ==" not in text]

    assert found == set(PROVIDED.values())
