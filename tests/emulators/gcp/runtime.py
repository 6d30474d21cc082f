"""The container that a Python function runs in: the real functions-framework, started as Google starts it.

- `requirements.txt` is installed beside the standard library, and nothing else is there: here a folder with what
  `functions-framework` requires, copied out of this environment; never the checkout or its `.venv`.
  https://cloud.google.com/run/docs/runtimes/python-dependencies
- Google compiles what it installs, ahead of the first start.
  https://github.com/GoogleCloudPlatform/buildpacks/tree/main/cmd/python
- The process is `functions-framework --target TARGET`, in the folder of the source, which is the last place of
  `sys.path`: what the framework requires comes before what a bundle brings. The framework's namespace packages are set
  up by `site`.
  https://github.com/GoogleCloudPlatform/functions-framework-python
"""

from __future__ import annotations

import compileall
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from py_compile import PycInvalidationMode

from packaging.requirements import Requirement

from tests.emulators.gcp.parts.process import ROOT

FOLDER = ROOT / ".venv" / "emulators"
"""Where what is laid out stays for the next run."""

FRAMEWORK = "functions-framework"
"""What the bundle's `requirements.txt` names."""

# It ends, with all that it started, when the pipe to whoever started it breaks: also after a SIGKILL.
_LAUNCH = """
import os, signal, site, sys, threading

def watch():
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)

threading.Thread(target=watch, daemon=True).start()
site.addsitedir(sys.argv.pop(1))
sys.argv[0] = "functions-framework"
from functions_framework._cli import _cli
_cli()
"""


@cache
def lay_out() -> Path:
    """Return the folder of the framework and all that it requires, filled when it is first asked for."""
    found = sorted(_required(FRAMEWORK, {}), key=lambda one: one.name)
    facts = [f"{one.name} {one.version}" for one in found] + [sys.version]
    digest = sha256("\n".join(facts).encode()).hexdigest()[:16]
    folder = FOLDER / f"{FRAMEWORK}-{digest}"
    if not folder.exists():
        _fill(folder, found)
    return folder


def command(target: str) -> list[str]:
    """Return what runs a function: without this environment's own packages."""
    return [sys.executable, "-S", "-P", "-c", _LAUNCH, str(lay_out()), "--target", target, "--host", "127.0.0.1"]


def _required(name: str, found: dict[str, Distribution]) -> Iterator[Distribution]:
    """Yield a distribution and, by their markers, all that it requires."""
    if name.lower() in found:
        return
    try:
        one = found[name.lower()] = distribution(name)
    except PackageNotFoundError:
        raise ModuleNotFoundError(f"{name} is not installed: make test does it") from None
    yield one
    for line in one.requires or ():
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            yield from _required(wanted.name, found)


def _fill(folder: Path, found: list[Distribution]) -> None:
    """Copy and compile; two runs that do it at once do not meet."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f"{FRAMEWORK}-", dir=FOLDER))
    for one in found:
        for file in one.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                (made / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(one.locate_file(file)), made / file)
    compileall.compile_dir(made, quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH, stripdir=str(made))
    try:
        made.rename(folder)
    except OSError:  # somebody else was first
        if not os.path.isdir(folder):
            raise
        shutil.rmtree(made, ignore_errors=True)
