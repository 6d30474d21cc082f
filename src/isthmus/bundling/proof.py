"""Proves that handlers import from their bundles, in a clean interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from isthmus.bundling.bundle import Bundle, BundleError
from isthmus.bundling.cache import Cache
from isthmus.bundling.modules import Modules
from isthmus.bundling.notes import Notes
from isthmus.bundling.packing import IMPORTER, digest_of
from isthmus.bundling.platform import Platform
from isthmus.bundling.start import Start
from isthmus.declarations.problem import Problem

PATIENCE = 60.0
"""Seconds that the import of one function's handlers may take."""

_PROVER = Path(__file__).with_name("prover.py")


class Fault(NamedTuple):
    """Why a handler does not import: the exception's type and message, the missing module, the line in the bundle."""

    type: str
    message: str
    missing: str | None
    at: str


class Unit(NamedTuple):
    """A function to be proved: its start, its bundle, and the file of what is ours in it.

    `calm` tells whether the import of its handlers does nothing but define names.
    """

    start: Start
    bundle: Bundle
    library: Path
    calm: bool


class Proof:
    """The proofs of one build; those that were right before are not done again."""

    def __init__(self, cache: Cache, platform: Platform, modules: Modules) -> None:
        self._platform = platform
        self._modules = modules
        self._proved = Notes(cache, "proofs", digest_of(str(modules.root)))
        tools = [path.read_text(encoding="utf-8") for path in (_PROVER, IMPORTER)]
        self._prover = digest_of("proof", sys.version, *tools, sorted(platform.provided))

    def faults(self, units: Mapping[str, Unit]) -> dict[str, Fault]:
        """Return the fault of each function whose handler does not import from its bundle, by its name."""
        keys = {name: self._key(unit) for name, unit in units.items()}
        unproved = {keys[name]: unit for name, unit in units.items() if self._proved.get(keys[name]) is None}
        if not unproved:
            return {}
        faults = {key: _fault(answer) for key, answer in self._run(unproved).items()}
        for key in (key for key, fault in faults.items() if fault is None):
            self._proved.add(key, 1)
        self._proved.keep()
        return {name: fault for name, key in keys.items() if (fault := faults.get(key))}

    def _run(self, units: Mapping[str, Unit]) -> Mapping[str, Any]:
        with self._beside() as beside, tempfile.TemporaryDirectory(prefix="isthmus-proof-") as folder:
            job = {"folder": folder, "importer": str(IMPORTER), "beside": beside, "groups": list(self._groups(units))}
            answer = _answer(job, self._environment())
        faults = {name: fault for name, found in answer["preload"].items() if (fault := _fault(found))}
        if faults:
            raise BundleError([Problem("", f"{name} does not import: {told(fault)}") for name, fault in faults.items()])
        found: Mapping[str, Any] = answer["units"]
        return found

    def _groups(self, units: Mapping[str, Unit]) -> Iterator[dict[str, Any]]:
        """Yield the units of each library, which is imported once for all of them."""
        groups: dict[Path, dict[str, Unit]] = {}
        for key, unit in units.items():
            groups.setdefault(unit.library, {})[key] = unit
        for library, group in groups.items():
            parts = {part for unit in group.values() for part in unit.start.parts}
            yield {
                "library": str(library),
                "preload": [*self._platform.entries[1:], *sorted(parts)],
                "units": {key: _described(unit) for key, unit in group.items()},
            }

    @contextmanager
    def _beside(self) -> Generator[list[str]]:
        """Give the folder that stands for what the runtime has: of what is installed here, that alone."""
        with tempfile.TemporaryDirectory(prefix="isthmus-provided-") as folder:
            for top in self._platform.provided:
                found = self._modules.find(top)
                path = Path(found.folders[0]) if found.folders else found.file
                if path is not None:
                    Path(folder, path.name).symlink_to(path)
            yield [folder]

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return {**kept, **self._platform.environment}

    def _key(self, unit: Unit) -> str:
        return digest_of(self._prover, unit.bundle.digest, unit.start.handlers, dict(unit.start.environment))


def told(fault: Fault) -> str:
    """Return what went wrong, in a line."""
    return f"{fault.type}: {fault.message}" if fault.type else fault.message


def _described(unit: Unit) -> dict[str, Any]:
    return {
        "bundle": str(unit.bundle.path),
        "compiled": unit.bundle.compiled,
        "calm": unit.calm and not unit.bundle.compiled,
        "handlers": unit.start.handlers,
        "environment": dict(unit.start.environment),
        "patience": PATIENCE,
    }


def _fault(found: Any) -> Fault | None:
    return Fault(**found) if found else None


def _answer(job: Mapping[str, Any], environment: Mapping[str, str]) -> Any:
    command = [sys.executable, "-I", "-S", "-B", str(_PROVER)]
    run = subprocess.run(
        command, input=json.dumps(job), env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    try:
        return json.loads(run.stdout)
    except ValueError:
        what = f"the interpreter that proves bundles ended with exit code {run.returncode}: {run.stderr[-2000:]}"
        raise BundleError([Problem("", what)]) from None
