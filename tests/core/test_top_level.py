from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

import isthmus

HEAVY = ("dataclasses", "typing", "inspect", "asyncio", "logging", "urllib", "re", "datetime", "isthmus.declarations")


def loaded_by(statement: str) -> set[str]:
    code = f"import sys, json, threading\nbefore = set(sys.modules)\n{statement}\nprint(*set(sys.modules) - before)"
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _with_paths(code)], check=True, capture_output=True, text=True
    )
    return set(run.stdout.split())


def _with_paths(code: str) -> str:
    return f"import sys; sys.path[:0] = {[path for path in sys.path if path]!r}\n{code}"


def test_every_public_name_is_there_and_there_are_few() -> None:
    assert len(isthmus.__all__) <= 15
    assert all(getattr(isthmus, name) is not None for name in isthmus.__all__)
    assert set(isthmus.__all__) <= set(dir(isthmus))


def test_a_name_that_does_not_exist_is_an_import_error() -> None:
    with pytest.raises(ImportError, match="HttpRequst"):
        exec("from isthmus import HttpRequst", {})
    assert not hasattr(isthmus, "Nothing")


def test_no_submodule_hides_a_public_name() -> None:
    for name in isthmus.__all__:
        if name.islower():
            with pytest.raises(ModuleNotFoundError):
                import_module(f"isthmus.{name}")


def test_a_handlers_imports_bring_nothing_heavy() -> None:
    loaded = loaded_by(
        "from isthmus import HttpRequest, HttpResponse, HttpError, Message, Context, Resource, compose, lazy"
    )

    assert [name for name in loaded if name.startswith(HEAVY) and name != "reprlib"] == []


def test_what_an_entry_point_needs_brings_nothing_heavy_either() -> None:
    loaded = loaded_by(
        "import isthmus.serve, isthmus.handler, isthmus.links, isthmus.envelope, isthmus.page, isthmus.logs"
    )

    assert [name for name in loaded if name.startswith(HEAVY)] == []
