"""Installs distributions for another machine than this one: by uv, or else by pip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from isthmus.bundling.platform import Platform
from isthmus.errors import IsthmusError

_UV_GLIBC = (17, 28, *range(31, 41))
"""The versions 2.x of the C library that uv knows a platform for."""


class InstallError(IsthmusError, RuntimeError):
    """The dependencies of a function cannot be installed for its platform: what the installer says."""


def find_uv() -> str | None:
    """Return the path of uv: beside this interpreter, or on PATH."""
    beside = shutil.which("uv", path=str(Path(sys.executable).parent))
    return beside or shutil.which("uv")


def install(requirements: Sequence[str], constraints: str, platform: Platform, to: Path, *, root: Path) -> None:
    """Install `requirements` and what they require into the folder `to`, as wheels that fit `platform`.

    `InstallError` where there is no wheel, no such version, or no installer. Indexes, credentials and proxies are what
    the installer is configured with, seen from the project's folder `root`.
    """
    to.mkdir(parents=True)
    wanted, limits = to.parent / "requirements.txt", to.parent / "constraints.txt"
    wanted.write_text("\n".join([*requirements, ""]), encoding="utf-8")
    limits.write_text(constraints, encoding="utf-8")
    command = [*_command(platform), "--target", str(to), "-r", str(wanted), "-c", str(limits)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        raise InstallError(_told(run.stderr or run.stdout, platform))


def _command(platform: Platform) -> list[str]:
    uv = find_uv()
    version = f"{platform.python[0]}.{platform.python[1]}"
    if uv:
        glibc = max((minor for minor in _UV_GLIBC if minor <= platform.glibc[1]), default=_UV_GLIBC[0])
        where = ["--python", sys.executable, "--python-platform", f"{platform.machine}-manylinux_2_{glibc}"]
        return [uv, "pip", "install", "--quiet", *where, "--python-version", version, "--only-binary", ":all:"]
    if find_spec("pip") is None:
        raise InstallError("neither uv nor pip is there to install a function's dependencies: pip install uv")
    tags = [tag for name in platform.tags for tag in ("--platform", name)]
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-compile",
        "--no-input",
        "--disable-pip-version-check",
    ]
    return [*pip, *tags, "--implementation", "cp", "--python-version", version, "--only-binary", ":all:"]


def _told(said: str, platform: Platform) -> str:
    """Return the last that an installer said, and what it was asked for: that is mostly what is wrong."""
    told = "\n    ".join([line.strip() for line in said.splitlines() if line.strip()][-12:])
    (major, minor), (c, library) = platform.python, platform.glibc
    where = f"CPython {major}.{minor}, {platform.arch}, glibc {c}.{library}"
    hint = "choose a version that has one, or make it (pip wheel) and let the installer find it (--find-links)"
    return f"{told}\n    A bundle takes wheels alone, for {where}. Where there is none, {hint}"
