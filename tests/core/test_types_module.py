from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from isthmus.declarations.app import App
from isthmus.types_module import source

USE = """\
from __future__ import annotations

from typing_extensions import assert_type

from isthmus.ports import Bucket, Function, Parameter, Queue, Secret, Stream, Table, Topic, Workflow
from isthmus.resource import AppInfo
from linked import Resource

assert_type(Resource.App, AppInfo)
assert_type(Resource.Orders, Table)
assert_type(Resource.Work, Queue)
assert_type(Resource.Events, Topic)
assert_type(Resource.Images, Bucket)
assert_type(Resource.Clicks, Stream)
assert_type(Resource.Key, Secret)
assert_type(Resource.Rate, Parameter)
assert_type(Resource.Helper, Function)
assert_type(Resource.Process, Workflow)
assert_type(Resource.Search.url, str)
assert_type(Resource.Search.port, int)
assert_type(Resource.Search.secure, bool)
"""


def declared(*, reverse: bool = False) -> App:
    app = App("shop")
    linked = [
        app.table("Orders", fields={"id": "string"}, primary_index="id"),
        app.queue("Work"),
        app.topic("Events"),
        app.bucket("Images"),
        app.stream("Clicks"),
        app.secret("Key"),
        app.parameter("Rate", "5"),
        app.function("Helper", "a.b"),
        app.workflow("Process", "process.asl.json"),
        app.linkable(
            "Search",
            properties={"url": "x", "port": 1, "secure": True, "hosts": ["a"], "class": 1, "a-b": 1, "n": None},
        ),
    ]
    app.function("Worker", "a.c", link=linked)
    app.queue("NotLinked")
    if reverse:
        app.resources.reverse()
    return app


def test_the_text_is_the_same_in_whichever_order_things_are_declared() -> None:
    assert source(declared()) == source(declared(reverse=True))


def test_what_nobody_links_is_left_out() -> None:
    assert "NotLinked" not in source(declared())
    assert "Worker" not in source(declared())


def test_an_app_without_links_has_a_module_too() -> None:
    compile(source(App("shop")), "resources.py", "exec")


def test_a_property_that_is_no_attribute_is_left_out() -> None:
    text = source(declared())

    assert "class:" not in text
    assert "a-b" not in text


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "linked.py").write_text(source(declared()))
    return tmp_path


def checked(module: Path, text: str, *checker: str) -> subprocess.CompletedProcess[str]:
    (module / "use.py").write_text(text)
    (module / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict", "include": ["."]}')
    return subprocess.run([sys.executable, "-m", *checker], cwd=module, capture_output=True, text=True, check=False)


MYPY = ("mypy", "--strict", "--cache-dir=.cache", "use.py", "linked.py")
PYRIGHT = ("pyright", "--pythonpath", sys.executable)


@pytest.mark.parametrize("checker", [MYPY, PYRIGHT], ids=["mypy", "pyright"])
def test_type_checkers_know_each_link(module: Path, checker: tuple[str, ...]) -> None:
    result = checked(module, USE, *checker)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("checker", [MYPY, PYRIGHT], ids=["mypy", "pyright"])
def test_type_checkers_refuse_what_is_not_linked_and_what_a_client_cannot(
    module: Path, checker: tuple[str, ...]
) -> None:
    result = checked(module, "from linked import Resource\nResource.NotLinked\nResource.Work.sned('x')\n", *checker)

    assert result.returncode == 1
    assert "NotLinked" in result.stdout
    assert "sned" in result.stdout


@pytest.mark.parametrize(
    "command", [("check", "--select", "E,F,I,UP,B,RUF"), ("format", "--check")], ids=["lint", "format"]
)
def test_the_module_needs_no_formatting(module: Path, command: tuple[str, ...]) -> None:
    line = [sys.executable, "-m", "ruff", *command, "--line-length", "120", "--isolated", "linked.py"]
    result = subprocess.run(line, cwd=module, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout


def test_at_run_time_it_is_isthmus_own_and_imports_nothing_heavy(module: Path) -> None:
    code = (
        "import sys, linked, isthmus.resource\n"
        "assert linked.Resource is isthmus.resource.Resource\n"
        "print(sorted({'typing', 'dataclasses', 'isthmus.ports', 'inspect'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"],
        cwd=module,
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.strip() == "[]"
