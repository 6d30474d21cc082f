from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.bundling import lock
from isthmus.bundling.bundle import BundleError
from isthmus.bundling.installer import find_uv
from isthmus.bundling.lock import find_lock
from tests.tools import need

UV = """
version = 1
requires-python = ">=3.11"

[[package]]
name = "shop"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "ink" }]

[package.metadata]
requires-dist = [{ name = "ink" }]

[[package]]
name = "ink"
version = "2.0"
source = { registry = "https://example.org/simple" }
wheels = [{ url = "https://example.org/ink-2.0-py3-none-any.whl", hash = "sha256:HASH", size = 1 }]
""".replace("HASH", "0" * 64)


def test_a_requirements_lock_is_read_with_markers_and_hashes_and_without_options(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text(
        "# made by a tool\n--index-url https://example.org\n-e .\n./local\n"
        "Ink_Pot[full]==1.0 ; sys_platform == 'linux' \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n"
        "paper==2  # via ink\nbox @ https://example.org/box-1.0-py3-none-any.whl\n"
    )

    found = find_lock(tmp_path)

    assert found.names == {"ink-pot", "paper", "box"}
    assert found.file == "requirements.lock"
    assert "--hash=sha256:00" in found.constraints
    assert "index-url" not in found.constraints


def test_a_pylock_is_read(tmp_path: Path) -> None:
    (tmp_path / "pylock.toml").write_text(
        'lock-version = "1.0"\n[[packages]]\nname = "ink"\nversion = "1.0"\nmarker = "os_name == \'posix\'"\n'
        '[[packages.wheels]]\nname = "ink-1.0-py3-none-any.whl"\nhashes = {sha256 = "ab"}\n'
        '[[packages]]\nname = "here"\ndirectory = {path = "."}\n'
    )

    found = find_lock(tmp_path)

    assert found.constraints == "ink==1.0 ; os_name == 'posix' --hash=sha256:ab\n"


def test_without_a_lock_everything_installed_from_an_index_counts(tmp_path: Path) -> None:
    found = find_lock(tmp_path)

    assert found.file == ""
    assert "pytest" in found.names
    assert "isthmus" not in found.names or "isthmus==" in found.constraints


def test_a_uv_lock_without_uv_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "uv.lock").write_text(UV)
    monkeypatch.setattr(lock, "find_uv", lambda: None)

    with pytest.raises(BundleError, match="pip install uv, or uv export --frozen"):
        find_lock(tmp_path)


def test_a_uv_lock_is_read_by_uv(tmp_path: Path) -> None:
    if find_uv() is None:
        need("uv")
    (tmp_path / "uv.lock").write_text(UV)
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = ["ink"]\n'
    )

    assert find_lock(tmp_path).names == {"ink"}
