"""The bundles of functions on Google: what they have, and that the real framework starts from them."""

from __future__ import annotations

import json
import marshal
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from isthmus.bundling.bundle import Bundle
from isthmus.bundling.distributions import normal, requirement
from isthmus.bundling.packing import LIBRARY
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.links import Identity, Link
from isthmus.parts import part
from isthmus.plan import Plan
from isthmus.plan import plan as make_plan
from isthmus.sources import Source
from isthmus_gcp import provider
from isthmus_gcp.bundles import PROVIDED, bundles, function_platform, parts_of
from isthmus_gcp.infra.deployables import deployables
from isthmus_gcp.infra.specification import specify
from isthmus_gcp.linked import CLIENTS

TARGET = Target(provider="gcp", stage="dev", account="shop-project", region="europe-west3")

FIRST_REQUEST = """
import json, site, sys
from importlib import import_module
site.addsitedir(sys.argv[2])  # what the build of the image has installed, with its own part of the namespace `google`
import functions_framework
app = functions_framework.create_app("handle", sys.argv[1] + "/main.py", "http")
client = app.test_client()
answers = {path: client.get(path) for path in sys.argv[4:]}
loaded = sorted({name.split(".")[0] for name in sys.modules if name.split(".")[0] in ("google", "grpc", "isthmus_gcp")})
print(json.dumps({"answers": {path: [a.status_code, a.get_data(as_text=True)] for path, a in answers.items()},
    "loaded": loaded, "there": [import_module(name).__file__ for name in json.loads(sys.argv[3])]}))
"""


def app(_target: Target) -> App:
    app = App("orders", removal="remove")
    reports = app.table("Reports", fields={"day": "string"}, primary_index="day")
    app.api("Hello").route("GET /hello", "tests.gcp.infra.handlers.answer")
    app.api("Api").route("GET /reports/{day}", "functions.reports.read", link=[reports.read])
    app.queue("Work").subscribe("tests.gcp.infra.handlers.message", name="Worker", batch_size=10)
    return app


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Keep these bundles out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def planned() -> Plan:
    return make_plan(app(TARGET), TARGET, provider)


@pytest.fixture(scope="module")
def built(planned: Plan) -> Mapping[str, Bundle]:
    return bundles(planned)


def names(bundle: Bundle) -> set[str]:
    with ZipFile(bundle.path) as archive:
        return set(archive.namelist())


def modules(bundle: Bundle) -> set[str]:
    """Return the modules of ours in a bundle."""
    with ZipFile(bundle.path) as archive:
        return {name.rstrip(".") for name in marshal.loads(archive.read(LIBRARY))}


def test_each_function_that_is_deployed_has_a_bundle(planned: Plan, built: Mapping[str, Bundle]) -> None:
    assert set(built) == {"", "Hello-all", "Api-all", "Worker"}


def test_a_bundle_has_what_googles_build_looks_for(built: Mapping[str, Bundle]) -> None:
    for name in ("Hello-all", "Api-all", "Worker"):
        with ZipFile(built[name].path) as archive:
            assert b"import handle" in archive.read("main.py")
            assert re.fullmatch(r"functions-framework==3\.\*\n", archive.read("requirements.txt").decode())


def test_it_has_its_handlers_and_its_own_clients_and_nothing_that_deploys(built: Mapping[str, Bundle]) -> None:
    found = modules(built["Api-all"])

    assert {"isthmus_gcp.entry", "isthmus_gcp.web", "isthmus_gcp.clients.table"} <= found
    assert "functions/reports.py" in names(built["Api-all"])
    assert "isthmus_gcp.clients.bucket" not in found
    left_out = ("infra", "rules", "bundles", "names", "capabilities", "gcp_provider", "testbed", "table_indexes")
    assert found.isdisjoint({f"isthmus_gcp.{name}" for name in left_out})
    assert not [
        name for name in names(built["Api-all"]) if name.startswith(("pulumi", "tests", "infra", "isthmus_aws"))
    ]


def test_googles_clients_are_only_where_a_link_or_an_event_needs_them(built: Mapping[str, Bundle]) -> None:
    plain, reading, pulling = (names(built[name]) for name in ("Hello-all", "Api-all", "Worker"))

    assert not [name for name in plain if name.startswith(("google/", "grpc/", "urllib3/"))]
    assert "google/cloud/firestore/__init__.py" in reading
    assert not [name for name in reading if name.startswith("google/pubsub")]
    assert "google/pubsub_v1/__init__.py" in pulling
    assert not [name for name in pulling if name.startswith("google/cloud/firestore")]
    assert built["Hello-all"].size < 300_000
    assert built["Api-all"].size < 30_000_000


def test_what_the_runtime_brings_is_in_no_bundle(built: Mapping[str, Bundle]) -> None:
    tops = {name.partition("/")[0] for name in names(built["Worker"])}

    assert tops.isdisjoint({"flask", "werkzeug", "cloudevents", "gunicorn", "functions_framework", "click"})


def test_compiled_modules_are_for_the_machines_that_google_runs(built: Mapping[str, Bundle]) -> None:
    assert function_platform().tags[0] == "manylinux_2_35_x86_64"
    assert any(name.endswith("x86_64-linux-gnu.so") for name in names(built["Api-all"]))
    assert [function_platform(f"python3{minor}").python for minor in (11, 14)] == [(3, 11), (3, 14)]


def test_what_is_provided_is_what_the_framework_requires() -> None:
    found: set[str] = set()
    waiting = ["functions-framework"]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [requirement(text)[0] for text in distribution(name).requires or () if wanted(text)]

    assert {normal(name) for name in PROVIDED.values()} == found
    assert [top for top in PROVIDED if find_spec(top) is None] == []


def wanted(text: str) -> bool:
    """Return whether a requirement holds for the Pythons that the core runs on."""
    marker = text.partition(";")[2]
    old = re.search(r"python_(full_)?version\s*<=?\s*.3\.(\d+)", marker)
    return "extra" not in marker and "win32" not in marker and not (old and int(old[2]) <= 11)


@pytest.mark.parametrize(
    ("kind", "there", "not_there"),
    [
        ("queue", "delivery.deliveries events.message", "web events.object events.tick delivery.drain"),
        ("topic", "delivery.deliveries events.message", "web events.change"),
        ("bucket", "delivery.deliveries events.object", "web events.tick events.message"),
        ("schedule", "delivery.deliveries events.tick connections.pubsub", "web events.object"),
        ("table", "delivery.deliveries events.change events.kept_event connections.pubsub", "web events.message"),
    ],
)
def test_a_function_carries_what_its_kind_of_event_needs_and_not_what_others_do(
    kind: str, there: str, not_there: str
) -> None:
    sources = {"from": Source(kind, "Source")}
    identity = Identity(app="a", stage="s", provider="gcp", function="F", triggers=(kind,), sources=sources)

    found = {name.removeprefix("isthmus_gcp.") for name in parts_of(identity)}

    assert set(there.split()) <= found
    assert found.isdisjoint(not_there.split())
    assert "isthmus_gcp.delivery.drain" in parts_of(identity, pulled=True)


def test_every_part_that_a_table_names_is_there() -> None:
    kinds = ("queue", "topic", "bucket", "schedule", "stream", "table")
    links = {kind: Link(kind, kind, "", (), {"fifo": True}) for kind in CLIENTS}
    sources = {kind: Source(kind, kind, "dead") for kind in kinds}
    identity = Identity(
        app="a", stage="s", provider="gcp", function="F", triggers=(*kinds, "task"), links=links, sources=sources
    )

    for module in parts_of(identity, pulled=True):
        assert find_spec(module) is not None, module
    assert callable(part(CLIENTS["table"]))


def test_the_proof_starts_a_function_with_the_variables_that_it_is_deployed_with(planned: Plan) -> None:
    worker = specify(deployables(planned)["Worker"], planned)

    assert {"ISTHMUS", "ISTHMUS_ACCOUNT", "ISTHMUS_PULL", "THREADS"} == set(worker.variables)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The folder of what the image has besides the bundle."""
    folder = tmp_path / "installed"
    folder.mkdir()
    for top in PROVIDED:
        spec = find_spec(top)
        assert spec is not None
        origin = Path(spec.submodule_search_locations[0] if spec.submodule_search_locations else str(spec.origin))
        (folder / origin.name).symlink_to(origin)
        metadata = Path(str(distribution(PROVIDED[top]).locate_file(""))).glob(
            f"{PROVIDED[top].replace('-', '_')}-*.dist-info"
        )
        for found in metadata:
            (folder / found.name).symlink_to(found)
    for file in distribution("functions-framework").files or ():
        if file.parts[0] == "google" or file.name.endswith("-nspkg.pth"):
            copy = folder / str(file)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_binary())
    return folder


def answers(
    bundle: Bundle, where: Path, installed: Path, paths: list[str], variables: Mapping[str, str], *imports: str
) -> Mapping[str, object]:
    """Start a bundle as the image does, and return what it answers, what that loads, and where `imports` are found."""
    with ZipFile(bundle.path) as archive:
        archive.extractall(where)
    command = [
        sys.executable,
        "-I",
        "-S",
        "-B",
        "-c",
        FIRST_REQUEST,
        str(where),
        str(installed),
        json.dumps(imports),
        *paths,
    ]
    run = subprocess.run(command, env=dict(variables), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    told: Mapping[str, object] = json.loads(run.stdout)
    return told


def test_the_real_framework_serves_a_bundle_that_has_nothing_else_to_import_from(
    planned: Plan, built: Mapping[str, Bundle], tmp_path: Path, installed: Path
) -> None:
    variables = specify(deployables(planned)["Hello-all"], planned).variables

    told = answers(built["Hello-all"], tmp_path / "unpacked", installed, ["/hello", "/nowhere"], variables)

    answered: Any = told["answers"]
    assert answered["/hello"] == [200, "/hello"]
    assert answered["/nowhere"][0] == 404
    assert "grpc" not in str(told["loaded"])


def test_a_linked_function_loads_googles_clients_only_when_it_uses_them_and_from_its_bundle(
    planned: Plan, built: Mapping[str, Bundle], tmp_path: Path, installed: Path
) -> None:
    variables = specify(deployables(planned)["Api-all"], planned).variables
    clients = ("google.cloud.firestore", "google.api_core.exceptions", "google.auth", "grpc", "google.protobuf.message")

    told = answers(built["Api-all"], tmp_path / "unpacked", installed, ["/nowhere"], variables, *clients)

    found: Any = told["there"]
    assert "grpc" not in str(told["loaded"])
    assert [path for path in found if not path.startswith(str(tmp_path / "unpacked"))] == []


def test_the_same_app_comes_to_the_same_bytes(
    planned: Plan, built: Mapping[str, Bundle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hello(_target: Target) -> App:
        app = App("orders", removal="remove")
        app.api("Hello").route("GET /hello", "tests.gcp.infra.handlers.answer")
        return app

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    again = bundles(make_plan(hello(TARGET), TARGET, provider))

    assert again["Hello-all"].digest == built["Hello-all"].digest
