"""The versions that a project is locked to, as constraints for an installer."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, NamedTuple

from isthmus.bundling.bundle import BundleError
from isthmus.bundling.distributions import normal, requirement
from isthmus.bundling.installer import find_uv
from isthmus.declarations.problem import Problem

_PIN = re.compile(r"[A-Za-z0-9][\w.-]*\s*(\[[^\]]*\])?\s*(===?|@)")
_EXPORT = ("export", "--frozen", "--all-extras", "--all-groups", "--no-emit-workspace", "--no-header", "--no-annotate")


class Lock(NamedTuple):
    """Constraints, the distributions that they name, and the file that they are from ("": what is installed here)."""

    constraints: str
    names: frozenset[str]
    file: str


def find_lock(root: Path) -> Lock:
    """Return the project's lock: `requirements.lock`, `pylock.toml` or `uv.lock`, else the installed versions."""
    for file, read in _READERS.items():
        if (root / file).is_file():
            lines = [line for line in read(root / file) if _PIN.match(line)]
            return _lock(lines, file)
    installed = {normal(found.name): found for found in reversed([*distributions()])}  # the first on the path counts
    lines = [f"{name}=={found.version}" for name, found in installed.items() if not found.read_text("direct_url.json")]
    return _lock(sorted(lines), "")


def _lock(lines: list[str], file: str) -> Lock:
    return Lock("\n".join([*lines, ""]), frozenset(requirement(line)[0] for line in lines), file)


def _requirements(path: Path) -> list[str]:
    """Return the lines of a requirements file, those that go on after a backslash as one; hashes stay."""
    text = re.sub(r"\\\s*\n", " ", path.read_text(encoding="utf-8"))
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines())
    return [line for line in lines if line]


def _pylock(path: Path) -> list[str]:
    """Return the packages of a PEP 751 lock that have a version."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return [_pin(package) for package in document.get("packages", []) if "version" in package]


def _pin(package: Mapping[str, Any]) -> str:
    marker = f" ; {package['marker']}" if package.get("marker") else ""
    wheels = [wheel for wheel in package.get("wheels", []) if "sha256" in wheel.get("hashes", {})]
    hashes = "".join(f" --hash=sha256:{wheel['hashes']['sha256']}" for wheel in wheels)
    return f"{package['name']}=={package['version']}{marker}{hashes}"


def _uv(path: Path) -> list[str]:
    """Return what uv itself makes of its lock."""
    uv = find_uv()
    if uv is None:
        what = "uv.lock can only be read with uv: pip install uv, or uv export --frozen -o requirements.lock"
        raise BundleError([Problem(path.name, what)])
    run = subprocess.run([uv, *_EXPORT], cwd=path.parent, capture_output=True, text=True, check=False)
    if run.returncode:
        raise BundleError([Problem(path.name, f"uv export failed: {run.stderr.strip()}")])
    text = re.sub(r"\\\s*\n", " ", run.stdout)
    return [line.strip() for line in text.splitlines()]


_READERS: Mapping[str, Callable[[Path], list[str]]] = {
    "requirements.lock": _requirements,
    "pylock.toml": _pylock,
    "uv.lock": _uv,
}
