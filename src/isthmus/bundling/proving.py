"""Whether bundles are what their functions need: proved by an import where that can be, else inspected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from isthmus.bundling.bundle import Bundle
from isthmus.bundling.cache import Cache
from isthmus.bundling.closure import Wanted
from isthmus.bundling.inspection import misfits, unresolved
from isthmus.bundling.modules import Modules
from isthmus.bundling.platform import Platform
from isthmus.bundling.proof import Fault, Proof, Unit, told
from isthmus.bundling.start import Start
from isthmus.bundling.trees import Tree
from isthmus.bundling.wants import Wants
from isthmus.declarations.problem import Problem


class Contents(Protocol):
    """What is known of what a bundle has."""

    @property
    def wanted(self) -> tuple[Wanted, ...]: ...  # noqa: D102
    @property
    def tree(self) -> Tree | None: ...  # noqa: D102
    @property
    def calm(self) -> bool: ...  # noqa: D102


class Packed(NamedTuple):
    """A function's start, its bundle, the file of what is ours in it, and what it was made of."""

    start: Start
    bundle: Bundle
    library: Path
    contents: Contents


class Proving:
    """Proves the bundles of one build."""

    def __init__(self, cache: Cache, platform: Platform, modules: Modules, wants: Wants) -> None:
        self._cache = cache
        self._platform = platform
        self._modules = modules
        self._wants = wants

    def problems(self, packed: Mapping[str, Packed]) -> Iterator[Problem]:
        """Yield what is wrong with the bundle of each function, by its name."""
        for one in packed.values():
            yield from self._inspected(one)
        proved = {name: one for name, one in packed.items() if self._platform.can_import(compiled=one.bundle.compiled)}
        proof = Proof(self._cache, self._platform, self._modules)
        units = {
            name: Unit(one.start, one.bundle, one.library, calm=one.contents.calm and not one.contents.tree)
            for name, one in proved.items()
        }
        for name, fault in proof.faults(units).items():
            yield self._problem(name, proved[name], fault)

    def _inspected(self, one: Packed) -> Iterator[Problem]:
        tree = one.contents.tree
        for what in misfits(one.bundle, tree, self._platform):
            yield Problem("", f"{what}; a function runs on {self._platform.arch}")
        for import_, name in unresolved(one.contents.wanted, tree, self._wants):
            yield Problem(import_.where, f"{import_.module} comes with {name}, which is not in the bundle")

    def _problem(self, name: str, one: Packed, fault: Fault) -> Problem:
        handlers = ", ".join(one.start.handlers)
        what = f"{handlers} (function {name}) does not import from its bundle"
        if not fault.missing:
            return Problem(fault.at, f"{what}: {told(fault)}")
        return Problem(fault.at, f"{what}: there is no module {fault.missing}. {self._remedy(fault.missing)}")

    def _remedy(self, module: str) -> str:
        """Return what to do about a module that a bundle lacks."""
        found = self._modules.find(module)
        name = self._wants.distribution(module) if found.place == "installed" else ""
        if module.partition(".")[0] in self._platform.provided:
            return f"The runtime has it, but it is not installed here: pip install {self._platform.provided[module]}"
        if name:
            setting = f'[tool.isthmus.bundle] distributions = ["{name}"]'
            return f"It comes with {name}, which no import statement leads to: add to pyproject.toml {setting}"
        if found.place == "source":
            setting = f'[tool.isthmus.bundle] modules = ["{module}"]'
            return f"No import statement leads to it: add to pyproject.toml {setting}"
        return "No installed distribution has it: install the one that does, and add it to the project's requirements"
