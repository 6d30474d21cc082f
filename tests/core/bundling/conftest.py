from __future__ import annotations

import sys
from pathlib import Path

import pytest

from isthmus.bundling import installer
from isthmus.bundling.cache import Cache
from isthmus.bundling.installer import find_uv
from tests.core.bundling.projects import Project
from tests.tools import need


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    """What the tests' builds have in common, so that each need not compile the core anew."""
    return Cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def project(tmp_path: Path, kept: Cache) -> Project:
    return Project(tmp_path / "project", kept)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed distributions."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    return folder


@pytest.fixture(params=["pip", "uv"])
def wheels(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that each installer finds, and nothing but them."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    if request.param == "pip":
        monkeypatch.setattr(installer, "find_uv", lambda: None)
    elif find_uv() is None:
        need("uv")
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(folder), "CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    return folder
