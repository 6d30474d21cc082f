from __future__ import annotations

import marshal
import os
import re
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

import isthmus
from isthmus.bundling.build import LEFT_OUT, build
from isthmus.bundling.bundle import Bundle, BundleError
from isthmus.bundling.cache import Cache
from isthmus.bundling.closure import ON_REQUEST
from isthmus.bundling.packing import LIBRARY
from isthmus.bundling.start import Start
from tests.core.bundling.projects import HANDLER, PLATFORM, Project, content, names, pyc


def test_a_bundle_has_the_handlers_module_with_what_it_imports_and_nothing_else(project: Project) -> None:
    project.write(
        {
            "desk/__init__.py": "",
            "desk/orders.py": f"from desk import prices\n{HANDLER}",
            "desk/prices.py": "PRICE = 1\n",
            "desk/other.py": HANDLER,
        }
    )

    bundle = project.build("desk.orders.handle")

    assert names(bundle, below="desk") == ["desk/__init__.py", "desk/orders.py", "desk/prices.py"]


@pytest.mark.parametrize(
    "statement",
    [
        "from . import prices",
        "from .prices import PRICE",
        "from desk.prices import PRICE",
        "if 1:\n    import desk.prices",
        "def late():\n    import desk.prices",
        "class C:\n    from desk import prices",
        "try:\n    import desk.prices\nexcept ImportError:\n    pass",
        "from importlib import import_module\nimport_module('desk.prices')",
        "import importlib\nimportlib.import_module('.prices', __package__)",
        "__import__('desk.prices')",
        "def late():\n    with open('x') as f:\n        import desk.prices",
        "late = lambda: __import__('desk.prices')",
    ],
)
def test_an_import_is_found_wherever_it_stands(project: Project, statement: str) -> None:
    project.write({"desk/orders.py": f"{statement}\n{HANDLER}", "desk/prices.py": "PRICE = 1\n"})

    assert "desk/prices.py" in names(project.build("desk.orders.handle"))


def test_what_is_imported_for_type_checkers_alone_stays_out(project: Project) -> None:
    project.write(
        {
            "desk/a.py": "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    import desk.b\n    import nowhere\n"
            f"else:\n    import desk.c\n{HANDLER}",
            "desk/b.py": "",
            "desk/c.py": "",
        }
    )

    assert names(project.build("desk.a.handle"), below="desk") == ["desk/a.py", "desk/c.py"]


def test_the_same_input_gives_the_same_bytes_whenever_and_in_whatever_order_it_is_built(
    project: Project, tmp_path: Path
) -> None:
    project.write({"desk/a.py": f"NAMES = {{'a', 'b', 'c'}}\n{HANDLER}", "desk/b.py": HANDLER})
    (project.root / "desk/data.txt").write_text("data")
    first = project.all({"A": ["desk.a.handle"], "B": ["desk.b.handle"]}, cache=Cache(tmp_path / "1"))
    for path in project.root.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)

    again = project.all({"B": ["desk.b.handle"], "A": ["desk.a.handle"]}, cache=Cache(tmp_path / "2"))

    assert again["A"].path != first["A"].path
    assert {name: one.path.read_bytes() for name, one in again.items()} == {
        name: one.path.read_bytes() for name, one in first.items()
    }


def test_a_zip_is_in_order_has_no_times_and_is_read_by_everybody(project: Project) -> None:
    project.write({"desk/a.py": HANDLER, "desk/b/c.txt": "c", "desk/größe.txt": "x" * 1000})

    with ZipFile(project.build("desk.a.handle").path) as archive:
        infos = archive.infolist()

        assert archive.testzip() is None
        assert [info.filename for info in infos] == sorted(info.filename for info in infos)
        assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.external_attr >> 16 for info in infos} == {0o100644}
        assert archive.read("desk/größe.txt") == b"x" * 1000


def test_a_bundle_says_what_it_is(project: Project) -> None:
    import hashlib

    project.write({"desk/a.py": HANDLER})

    bundle = project.build("desk.a.handle")

    data = bundle.path.read_bytes()
    assert (bundle.digest, bundle.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert list(bundle.parts) == ["isthmus", "desk"]
    assert sum(bundle.parts.values()) < bundle.size < bundle.unpacked


def test_functions_with_the_same_contents_share_a_bundle(project: Project) -> None:
    project.write({"desk/a.py": f"{HANDLER}other = handle\n", "desk/b.py": HANDLER})

    built = project.all({"A": ["desk.a.handle"], "A2": ["desk.a.other"], "B": ["desk.b.handle"]})

    assert built["A"].path == built["A2"].path != built["B"].path


def test_the_bundle_without_a_name_has_the_runtime_alone(project: Project) -> None:
    project.write({"desk/a.py": HANDLER})

    alone = project.all({"A": ["desk.a.handle"]})[""]

    assert list(alone.parts) == ["isthmus"]
    assert {"isthmus/handler.py", "isthmus/resource.py"} <= set(names(alone))


def test_ours_is_its_run_time_half_as_bytecode_without_what_declares_deploys_and_tests(project: Project) -> None:
    project.write({"desk/a.py": f"from isthmus import HttpRequest, Resource\n{HANDLER}"})

    bundle = project.build("desk.a.handle")

    assert all(isinstance(code, bytes) for code in marshal.loads(content(bundle, LIBRARY)).values())
    parts = {name.split("/")[1].removesuffix(".py") for name in names(bundle, below="isthmus/")}
    assert parts.isdisjoint({"declarations", "cli", "testing", "checks", "plan", "bundling", "ports"})


def test_ours_lies_in_one_file_of_a_bundle(project: Project) -> None:
    project.write({"desk/a.py": HANDLER})

    with ZipFile(project.build("desk.a.handle").path) as archive:
        assert [name for name in archive.namelist() if name.startswith("isthmus")] == [LIBRARY]


@pytest.mark.parametrize(
    ("method", "module"),
    [("parse", "parsing"), ("parse", "http/form"), ("form", "http/form"), ("cookies", "http/cookies")],
)
def test_what_only_a_method_needs_comes_where_the_app_names_that_method(
    project: Project, method: str, module: str
) -> None:
    project.write(
        {
            "desk/a.py": f"from isthmus import HttpRequest\n{HANDLER}",
            "desk/b.py": f"import desk.c\nfrom isthmus import HttpRequest\n{HANDLER}",
            "desk/c.py": f"def read(request):\n    return request.{method}\n",
        }
    )

    built = project.all({"A": ["desk.a.handle"], "B": ["desk.b.handle"]})

    assert f"isthmus/{module}.py" in names(built["B"])
    assert f"isthmus/{module}.py" not in names(built["A"])
    assert "isthmus/http/request.py" in names(built["A"])


def test_nothing_of_ours_calls_a_method_whose_module_comes_only_where_the_app_names_it() -> None:
    """But methods of the same kind: whoever calls `delete_cookie` has named it, and that calls `set_cookie`."""
    root = Path(isthmus.__path__[0])
    left = (*(name.partition(".")[2] for name in LEFT_OUT), "workflows")  # no handler of an app imports those
    calls = re.compile(rf"\.(?:{'|'.join(method for methods in ON_REQUEST.values() for method in methods)})\(")
    files = [path for path in root.rglob("*.py") if path.relative_to(root).parts[0].removesuffix(".py") not in left]

    found = {str(path.relative_to(root)) for path in files if calls.search(path.read_text())}

    assert found == {"http/request.py", "http/response.py"}


def test_what_a_package_gives_on_demand_comes_with_its_name(project: Project) -> None:
    project.write({"desk/a.py": HANDLER, "desk/b.py": f"from isthmus import compose\n{HANDLER}"})

    built = project.all({"A": ["desk.a.handle"], "B": ["desk.b.handle"]})

    assert "isthmus/middleware/compose.py" in set(names(built["B"])) - set(names(built["A"]))


def test_a_handler_that_declares_is_told_to_leave_that_to_another_module(project: Project) -> None:
    project.write({"desk/a.py": f"import os\nfrom isthmus import App\n{HANDLER}"})

    with pytest.raises(BundleError, match=r"desk/a\.py:2: desk\.a imports isthmus\.declarations\.app"):
        project.build("desk.a.handle")


def test_bytecode_lies_where_python_looks_for_it_and_is_not_checked(project: Project) -> None:
    project.write({"desk/a.py": HANDLER})

    data = content(project.build("desk.a.handle"), pyc("desk/a"))

    assert int.from_bytes(data[4:8], "little") == 1  # PEP 562's flags: a hash, and unchecked


def test_another_version_of_python_gets_sources_alone(project: Project) -> None:
    project.write({"desk/a.py": HANDLER})

    bundle = project.build("desk.a.handle", python=(3, 99))

    with ZipFile(bundle.path) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".pyc")]
    assert "desk/a.py" in names(bundle)
    assert (
        marshal.loads(content(bundle, LIBRARY))["isthmus.handler"]
        == (Path(isthmus.__path__[0]) / "handler.py").read_text()
    )


def test_data_of_included_packages_is_taken_and_hidden_files_are_not(project: Project) -> None:
    project.write(
        {
            "desk/__init__.py": "",
            "desk/a.py": HANDLER,
            "desk/page.html": "<p>",
            "desk/pages/deep/one.txt": "1",
            "desk/.env": "SECRET=1",
            "desk/py.typed": "",
            "desk/stub.pyi": "",
            "desk/other/__init__.py": "",
            "desk/other/big.bin": b"\0" * 10,
            "data.txt": "of no package",
        }
    )

    found = names(project.build("desk.a.handle"), below="desk")

    assert found == ["desk/__init__.py", "desk/a.py", "desk/page.html", "desk/pages/deep/one.txt"]


def test_links_that_lead_in_a_circle_or_nowhere_are_passed_by(project: Project) -> None:
    project.write({"desk/a.py": HANDLER, "desk/pages/one.txt": "1"})
    (project.root / "desk/pages/loop").symlink_to(project.root / "desk")
    (project.root / "desk/pages/again").symlink_to(project.root / "desk/pages")
    (project.root / "desk/itself").symlink_to(project.root / "desk/itself")
    (project.root / "desk/gone").symlink_to(project.root / "nowhere")

    assert names(project.build("desk.a.handle"), below="desk") == [
        "desk/a.py",
        "desk/pages/one.txt",
    ]


def test_a_namespace_package_is_packed_like_any_other(project: Project) -> None:
    project.write({"shop/desk/a.py": f"from shop.prices import PRICE\n{HANDLER}", "shop/prices.py": "PRICE = 1\n"})

    assert names(project.build("shop.desk.a.handle"), below="shop") == ["shop/desk/a.py", "shop/prices.py"]


def test_a_module_on_the_path_outside_of_the_project_is_taken_as_its_source(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write({"desk/a.py": f"import shared.prices\n{HANDLER}"})
    (tmp_path / "beside/shared").mkdir(parents=True)
    (tmp_path / "beside/shared/prices.py").write_text("PRICE = 1\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "beside"), *sys.path])

    assert "shared/prices.py" in names(project.build("desk.a.handle"))


def test_all_problems_of_all_functions_come_in_one_error(project: Project) -> None:
    project.write(
        {
            "desk/a.py": "def handle(event):\n    retur n\n",
            "desk/b.py": f"import nowhere_at_all\n{HANDLER}",
            "desk/c.py": f"from .. import beyond\nimport deployer\n{HANDLER}",
        }
    )
    handlers = {name: [f"desk.{name}.handle"] for name in "abcd"}

    with pytest.raises(BundleError) as caught:
        project.all(handlers)

    told = [str(problem) for problem in caught.value.problems]
    assert [line.split(": ")[0] for line in told] == [
        "handler 'desk.d.handle'",
        "desk/a.py:2",
        "desk/b.py:1",
        "desk/c.py:1",
        "desk/c.py:2",
    ]
    assert "SyntaxError" in told[1]
    assert "nowhere_at_all.py, or a distribution to install" in told[2]
    assert "5 problems" in str(caught.value)


def test_what_may_fail_by_design_is_no_problem(project: Project) -> None:
    project.write(
        {"desk/a.py": f"try:\n    import nowhere_at_all\nexcept ImportError:\n    nowhere_at_all = None\n{HANDLER}"}
    )

    assert "desk/a.py" in names(project.build("desk.a.handle"))


def test_more_than_the_platform_takes_is_told_before_it_is_read(project: Project) -> None:
    project.write({"desk/a.py": HANDLER})
    with (project.root / "desk/model.bin").open("wb") as file:
        file.truncate(300_000_000)

    with pytest.raises(BundleError, match=r"F is 300 MB unpacked, and the limit is 262 MB \(the page\)"):
        project.build("desk.a.handle", size_limit=262_144_000, size_source="the page")


def test_a_setting_brings_what_no_import_shows(project: Project) -> None:
    project.write(
        {
            "desk/a.py": HANDLER,
            "desk/plugins/red.py": "",
            "pyproject.toml": '[tool.isthmus.bundle]\nmodules = ["desk.plugins.red"]\n',
        }
    )

    assert "desk/plugins/red.py" in names(project.build("desk.a.handle"))


def test_a_setting_that_makes_no_sense_is_told(project: Project) -> None:
    project.write({"desk/a.py": HANDLER, "pyproject.toml": '[tool.isthmus.bundle]\nmodules = "functions"\n'})

    with pytest.raises(BundleError, match=r"modules of .* is not a list"):
        project.build("desk.a.handle")


def test_the_platform_of_the_tests_is_one_that_this_machine_imports_for() -> None:
    assert PLATFORM.can_import(compiled=False)


def test_a_file_of_a_functions_own_lies_at_the_top_of_its_bundle_alone(project: Project) -> None:
    project.write({"desk/a.py": HANDLER})

    def built(**own: bytes) -> dict[str, Bundle]:
        starts = {
            "Own": Start(("desk.a.handle",), files=own),
            "Plain": Start(("desk.a.handle",)),
            "Bare": Start((), files=own),
        }
        return {**build(project.root, starts, PLATFORM, cache=project.cache)}

    first, other = built(told=b"one"), built(told=b"two")

    assert content(first["Own"], "told") == content(first["Bare"], "told") == b"one"
    assert content(other["Own"], "told") == b"two"
    assert "told" not in names(first["Plain"])
    assert first["Own"].digest != other["Own"].digest
    assert (first["Plain"], built(told=b"one")) == (other["Plain"], first)
