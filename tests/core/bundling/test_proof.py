from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from isthmus.bundling import proof
from isthmus.bundling.bundle import BundleError
from isthmus.bundling.prover import Store
from isthmus.links import VARIABLE, Identity, Link, encode
from tests.core.bundling.projects import HANDLER, Project, names

IDENTITY = Identity(
    app="shop",
    stage="dev",
    provider="fake",
    function="F",
    links={
        "Orders": Link("table", "Orders", "shop-dev-Orders", ("get",)),
        "Name": Link("parameter", "Name", "", ("value",), {"value": "The Shop"}),
    },
)


def fault(project: Project, source: str, **options: object) -> str:
    """Return why a handler's module of that source is refused."""
    project.write({"desk/a.py": source})
    with pytest.raises(BundleError) as caught:
        project.build("desk.a.handle", environment={VARIABLE: encode(IDENTITY)}, **options)
    return str(caught.value)


def passes(project: Project, source: str) -> bool:
    project.write({"desk/a.py": source})
    return "desk/a.py" in names(project.build("desk.a.handle", environment={VARIABLE: encode(IDENTITY)}))


def test_a_module_that_no_import_statement_names_is_told_with_who_misses_it_and_what_to_do(project: Project) -> None:
    project.write({"desk/hidden.py": ""})

    told = fault(project, f"name = 'desk.hidden'\n__import__(name)\n{HANDLER}")

    assert "desk/a.py:2: desk.a.handle (function F) does not import from its bundle" in told
    assert "there is no module desk.hidden. No import statement leads to it: add to pyproject.toml" in told
    assert 'modules = ["desk.hidden"]' in told


def test_an_installed_module_that_no_import_statement_names_is_told_with_its_distribution(project: Project) -> None:
    told = fault(project, f"__import__(''.join(['cli', 'ck']))\n{HANDLER}")

    assert "It comes with click, which no import statement leads to" in told
    assert 'distributions = ["click"]' in told


def test_a_module_that_is_nowhere_is_told_as_such(project: Project) -> None:
    told = fault(project, f"__import__(''.join(['no', 'where']))\n{HANDLER}")

    assert "there is no module nowhere. No installed distribution has it" in told


def test_what_the_runtime_has_but_this_machine_has_not_is_told(project: Project) -> None:
    assert "pip install supplied" in fault(project, f"import supplied\n{HANDLER}")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("raise ValueError('at import')", "desk/a.py:1: desk.a.handle (function F) does not import from its bundle: "),
        ("raise ValueError('at import')", "ValueError: at import"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("import os\nos._exit(3)", "importing it ends the process (exit code 3)"),
        ("import os\nos.kill(os.getpid(), 9)", "importing it ends the process (exit code -9)"),
        ("def other(event): ...", "has no 'handle'; it has: other"),
        ("handle = 1", "is a int, not a function"),
        ("import desk.b\nhandle = print", "circular import"),
        ("import json\njson.nope", "AttributeError: module 'json' has no attribute 'nope'"),
        ("open('nowhere.txt')", "FileNotFoundError"),
    ],
)
def test_whatever_goes_wrong_at_import_is_told(project: Project, source: str, told: str) -> None:
    project.write({"desk/b.py": "from desk.a import handle\n"})

    assert told in fault(project, f"{source}\n")


def test_a_module_that_waits_for_ever_is_ended(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "PATIENCE", 1.0)

    assert "importing it did not end within 1 s" in fault(project, "import time\ntime.sleep(60)\n")


def test_a_module_that_prints_starts_threads_and_processes_passes(project: Project) -> None:
    assert passes(
        project,
        "import os, subprocess, sys, threading, time\n"
        "print('a' * 100_000)\nprint('b', file=sys.stderr)\nsys.stdout.write('{}')\nos.write(1, b'noise')\n"
        "threading.Thread(target=time.sleep, args=[60]).start()\n"
        "if os.fork() == 0:\n    time.sleep(2)\n    os._exit(0)\n"
        "subprocess.run(['true'])\n" + HANDLER,
    )


def test_no_package_of_this_machine_is_there_and_no_variable_but_the_functions_own(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THIS_MACHINE", "1")

    assert passes(
        project,
        "import os, sys\nassert 'OF_THIS_MACHINE' not in os.environ\n"
        "assert not [path for path in sys.path if 'site-packages' in path]\n"
        f"assert __file__.startswith(sys.path[0])\n{HANDLER}",
    )


def test_data_is_where_the_module_looks_for_it(project: Project) -> None:
    project.write({"desk/one.txt": "1"})

    source = "from pathlib import Path\nassert Path(__file__).with_name('one.txt').read_text() == '1'\n"
    assert passes(project, source + HANDLER)


def test_a_linked_resource_has_its_name_at_import_and_a_parameter_its_value(project: Project) -> None:
    assert passes(
        project,
        "from isthmus import Resource\nassert Resource.Orders.name == 'shop-dev-Orders'\n"
        f"assert Resource.Name.value() == 'The Shop'\nassert Resource.App.stage == 'dev'\n{HANDLER}",
    )


def test_the_use_of_a_resource_at_import_is_told_with_what_to_do(project: Project) -> None:
    told = fault(project, f"from isthmus import Resource\nResource.Orders.get('1')\n{HANDLER}")

    assert "desk/a.py:2" in told
    assert "Resource.Orders.get is called while the handler's module is imported" in told


def test_what_is_not_linked_is_told_at_import_as_at_run_time(project: Project) -> None:
    told = fault(project, f"from isthmus import Resource\nSTOCK = Resource.Stock\n{HANDLER}")

    assert "NotLinkedError: function 'F' is not linked to 'Stock' (linked: Name, Orders)" in told


def test_handlers_know_nothing_of_one_another(project: Project) -> None:
    project.write(
        {
            "desk/a.py": f"import json, sys\njson.mark = sys.mark = 1\n{HANDLER}",
            "desk/b.py": "import json, sys\nassert not hasattr(json, 'mark')\nassert 'desk.a' not in sys.modules\n"
            + HANDLER,
        }
    )

    built = project.all({"A": ["desk.a.handle"], "B": ["desk.b.handle"]})

    assert set(built) == {"", "A", "B"}


def test_calm_handlers_that_are_imported_one_after_another_find_nothing_of_each_other(project: Project) -> None:
    project.write(
        {
            "desk/__init__.py": "",
            "desk/a.py": f"import desk.shared\n{HANDLER}",
            "desk/shared.py": "PRICE = 1\n",
            **{f"desk/b{number}.py": f"from desk.shared import PRICE\n{HANDLER}" for number in range(6)},
            "desk/wrong.py": f"from desk.shared import COST\n{HANDLER}",
        }
    )
    calm = {f"B{number}": [f"desk.b{number}.handle"] for number in range(6)}

    with pytest.raises(BundleError) as caught:
        project.all({"A": ["desk.a.handle"], **calm, "Wrong": ["desk.wrong.handle"]})

    assert "1 problem in the bundles" in str(caught.value)
    assert "desk/wrong.py:1: desk.wrong.handle (function Wrong)" in str(caught.value)


def test_the_handlers_of_one_function_are_imported_together(project: Project) -> None:
    project.write(
        {"desk/a.py": f"import sys\nsys.mark = 1\n{HANDLER}", "desk/b.py": f"import sys\nsys.mark\n{HANDLER}"}
    )

    assert "desk/b.py" in names(project.build("desk.a.handle", "desk.b.handle"))
    with pytest.raises(BundleError, match="no attribute 'mark'"):
        project.build("desk.b.handle")


def test_a_failure_is_found_again_and_a_mended_handler_passes(project: Project) -> None:
    first = fault(project, f"raise ValueError('once')\n{HANDLER}")

    assert fault(project, f"raise ValueError('once')\n{HANDLER}") == first
    assert passes(project, HANDLER)


def test_for_another_machine_a_pure_bundle_is_imported_and_for_another_python_it_is_not(project: Project) -> None:
    source = f"raise ValueError('at import')\n{HANDLER}"

    assert "at import" in fault(project, source, arch="arm64")
    assert "desk/a.py" in names(project.build("desk.a.handle", python=(3, 99)))


def test_what_bundles_of_several_libraries_have_alike_is_extracted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each library is proved by a process of its own: a `Store` stands for one."""
    for name in ("one.zip", "other.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("driver/__init__.py", "n = 1")
            archive.writestr(f"{name}.py", "")
    folder = str(tmp_path / "proofs")
    one = Path(Store(folder).extract(str(tmp_path / "one.zip")))
    monkeypatch.setattr("os.getpid", lambda: 1)
    other = Path(Store(folder).extract(str(tmp_path / "other.zip")))

    assert (one / "driver").resolve() == (other / "driver").resolve()
    assert [file.name for file in sorted(one.iterdir())] == ["driver", "one.zip.py"]
    assert [file.name for file in sorted(other.iterdir())] == ["driver", "other.zip.py"]
