"""An identity that the variables have no room for: the bundle has it as a file, and the variable names that file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from isthmus.bundling.bundle import Bundle, BundleError
from isthmus.checks.environment import size
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.links import FILE, VARIABLE, decode, encode
from isthmus.plan import Plan
from isthmus.plan import plan as make_plan
from isthmus_aws import provider
from isthmus_aws.bundles import bundles
from isthmus_aws.infra.api_functions import rest, whole
from isthmus_aws.infra.specification import Specification, specify
from tests.aws.runtime import FunctionError, Runtime

TARGET = Target(provider="aws", stage="dev", account="123456789012", region="eu-central-1")
HANDLER = "pantry.code.handle"
LIMITS = provider.capabilities.limits


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project of one handler, whose bundles stay out of the user's cache."""
    (tmp_path / "pantry").mkdir()
    (tmp_path / "pantry/code.py").write_text(
        "from isthmus import Resource\ndef handle(request): ...\ndef url(name): return getattr(Resource, name).url\n"
    )
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def planned(declare: Callable[[App], object]) -> Plan:
    app = App("shop")
    declare(app)
    planned = make_plan(app, TARGET, provider)
    planned.check()
    return planned


def specified(plan: Plan) -> Mapping[str, Specification]:
    """Return what each function of a plan is made as, by its name."""
    found = {function.name: specify(function, plan) for function in plan.functions}
    for api in (api for api in plan.resources if api.kind == "api"):
        for function, identity in (made(api, plan) for made in (rest, whole)):  # type: ignore[arg-type]
            found[function.name] = specify(function, plan, identity)
    return found


def file_of(bundle: Bundle) -> str | None:
    """Return the identity that a bundle has."""
    with ZipFile(bundle.path) as archive:
        return archive.read(FILE).decode() if FILE in archive.namelist() else None


def linked(app: App, *, last: str = "") -> None:
    """Declare a function whose links take more than 4 KB, and one that has few."""
    settings = [app.linkable(f"Setting{n}", properties={"url": f"https://host-{n}.example"}) for n in range(80)]
    settings.append(app.linkable("Last", properties={"url": last}))
    app.function("Many", HANDLER, link=settings, environment={"LEVEL": "debug"})
    app.function("Few", HANDLER, link=settings[:2])
    app.function("Url", "pantry.code.url", link=settings)


def test_the_bundle_has_it_and_the_variable_names_it_where_there_is_no_room() -> None:
    plan = planned(linked)
    made, built = specified(plan), bundles(plan)

    assert made["Many"].variables == {VARIABLE: FILE, "LEVEL": "debug"}
    assert file_of(built["Many"]) == encode(made["Many"].identity)
    assert len(decode(file_of(built["Many"]) or "").links) == 81
    assert decode(made["Few"].variables[VARIABLE]).links.keys() == {"Setting0", "Setting1"}
    assert file_of(built["Few"]) is None


def test_the_functions_of_an_api_have_one_each_if_its_routes_are_many() -> None:
    def declare(app: App) -> None:
        api = app.api("Api", transform={"functions": "one"})
        for n in range(200):
            api.route(f"POST /number-{n}/of-many", HANDLER, name=f"F{n}")

    plan = planned(declare)
    made, built = specified(plan), bundles(plan)

    for name in ("Api-all", "Api-rest"):
        assert made[name].variables == {VARIABLE: FILE}
        assert file_of(built[name]) == encode(made[name].identity)
    assert decode(file_of(built["Api-all"]) or "").routes["POST /number-7/of-many"] == HANDLER
    assert file_of(built[""]) is None


def test_bundle_and_variables_agree_to_the_byte_on_whether_there_is_room() -> None:
    def declare(app: App) -> None:
        for n in range(3600, 3720):
            app.function(f"F{n}", HANDLER, environment={"QUOTES": '"' * 100, "TEXT": "ü" * 100 + "x" * (n - 300)})

    plan = planned(declare)
    made, built = specified(plan), bundles(plan)

    spilled = {name for name, one in made.items() if one.variables[VARIABLE] == FILE}
    whole = {name: {**one.variables, VARIABLE: encode(one.identity)} for name, one in made.items()}
    assert {name for name in made if file_of(built[name]) is not None} == spilled
    assert {name for name, variables in whole.items() if size(variables, LIMITS) > 4096} == spilled
    assert {size(variables, LIMITS) for variables in whole.values()} > {4096, 4097}


def test_a_transform_that_takes_the_room_is_seen_by_the_bundle_too() -> None:
    def declare(app: App) -> None:
        app.function("Pack", HANDLER, transform={"environment": {"BIG": "x" * 4000}})

    plan = planned(declare)

    assert specified(plan)["Pack"].variables == {VARIABLE: FILE, "BIG": "x" * 4000}
    assert file_of(bundles(plan)["Pack"]) == encode(specified(plan)["Pack"].identity)


def test_the_same_links_give_the_same_bytes_and_another_link_gives_others_to_that_function_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = bundles(planned(linked))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another"))
    again = bundles(planned(linked))
    changed = bundles(planned(lambda app: linked(app, last="https://new.example")))

    assert {name: one.digest for name, one in again.items()} == {name: one.digest for name, one in first.items()}
    assert {name for name, one in changed.items() if one.digest != first[name].digest} == {"Many", "Url"}


def test_the_file_has_no_variable_that_a_function_declares_and_of_a_secret_nothing_but_its_name() -> None:
    def declare(app: App) -> None:
        linked(app)
        app.function("Own", HANDLER, link=[app.secret("Key")], environment={"TOKEN": "hunter2", "BIG": "x" * 3900})

    told = file_of(bundles(planned(declare))["Own"]) or ""
    document = decode(told)

    assert "hunter2" not in told
    assert "TOKEN" not in told
    assert (document.links["Key"].verbs, document.links["Key"].properties) == (("read",), {})
    assert document.links["Key"].physical.startswith("shop-dev-Key-")


def test_the_proof_knows_the_links_that_the_file_has(tmp_path: Path) -> None:
    asked = "if 'ISTHMUS' in os.environ: print(Resource.Setting79.url, Resource.Key.name, Resource.Unlinked)\n"
    (tmp_path / "pantry/early.py").write_text(
        f"import os\nfrom isthmus import Resource\n{asked}def handle(payload): ...\n"
    )

    def declare(app: App) -> None:
        linked(app)
        every = [app.secret("Key"), *(one for one in app.resources if one.kind == "linkable")]
        app.function("Early", "pantry.early.handle", link=every)

    with pytest.raises(BundleError, match="'Early' is not linked to 'Unlinked'"):
        bundles(planned(declare))


def unpacked(tmp_path: Path) -> tuple[Specification, Path]:
    """Return what a function with many links is made as, and the folder of its bundle."""
    plan = planned(linked)
    with ZipFile(bundles(plan)["Url"].path) as archive:
        archive.extractall(tmp_path / "task")
    return specified(plan)["Url"], tmp_path / "task"


def test_under_the_runtime_client_a_function_knows_the_links_that_its_bundle_has(tmp_path: Path) -> None:
    made, folder = unpacked(tmp_path)

    with Runtime(made.identity, environment=made.variables, bundle=folder) as runtime:
        assert runtime.invoke("Setting79") == "https://host-79.example"
        with pytest.raises(FunctionError) as caught:
            runtime.invoke("Setting99")
    assert caught.value.type == "NotLinkedError"


def test_a_bundle_that_has_lost_its_file_says_so_at_the_start(tmp_path: Path) -> None:
    made, folder = unpacked(tmp_path)
    (folder / FILE).unlink()

    with (
        Runtime(made.identity, environment=made.variables, bundle=folder) as runtime,
        pytest.raises(FunctionError, match="deploy the app again, code and variables together"),
    ):
        runtime.invoke("Setting79")
