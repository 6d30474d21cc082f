"""From handlers to bundles: one build for all functions of an app."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache as cache_in_memory
from functools import partial
from pathlib import Path
from typing import NamedTuple

from isthmus.bundling.analyses import Analyses
from isthmus.bundling.bundle import Bundle, BundleError
from isthmus.bundling.cache import Cache
from isthmus.bundling.closure import ON_REQUEST, Closure, Closures, Wanted
from isthmus.bundling.contents import Files
from isthmus.bundling.distributions import Distributions
from isthmus.bundling.installer import InstallError
from isthmus.bundling.lock import Lock, find_lock
from isthmus.bundling.modules import Modules
from isthmus.bundling.notes import Notes
from isthmus.bundling.packing import Library, Packing, digest_of
from isthmus.bundling.platform import Platform
from isthmus.bundling.proving import Packed, Proving
from isthmus.bundling.settings import read_settings
from isthmus.bundling.start import Start
from isthmus.bundling.trees import Tree, Trees
from isthmus.bundling.wants import Wants
from isthmus.declarations.problem import Problem

BASE = ""
"""The name of the bundle that has no handler: where nobody says what it starts with, what every function has."""

CORE = __name__.partition(".")[0]

_DEPLOY_TIME = ("bundling", "checks", "cli", "declarations", "deployment", "plan", "testing")
LEFT_OUT = tuple(f"{CORE}.{part}" for part in _DEPLOY_TIME)
"""The parts of the core that are for whoever declares, deploys and tests."""

Progress = Callable[[str], None]
"""Is told what a build is about to do."""


def build(
    root: Path,
    functions: Mapping[str, Start],
    platform: Platform,
    *,
    cache: Cache | None = None,
    progress: Progress | None = None,
) -> Mapping[str, Bundle]:
    """Return the bundle of each function by its name, and under "" one without a handler.

    `root` is the project's folder, which handlers are imported from. Functions with the same contents share a bundle.
    Each has been proved: its handler imports from it. `BundleError` names everything that stands in the way, of all
    functions.
    """
    return _Build(root.resolve(), platform, cache or Cache(), progress or _silent).bundles(functions)


class _Needs(NamedTuple):
    """What handlers import beyond ours, by which requirements something is installed for it, and what that came to."""

    closure: Closure
    tree: Tree | None = None
    requirements: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        return self.closure.wanted


class _Contents(NamedTuple):
    """What goes into a bundle: ours (what the provider names, and what else is imported), files, a tree; and faults."""

    library: tuple[tuple[str, ...], tuple[str, ...]]
    files: Mapping[str, Path]
    wanted: tuple[Wanted, ...]
    tree: Tree | None
    calm: bool
    problems: tuple[Problem, ...]


class _Build:
    def __init__(self, root: Path, platform: Platform, cache: Cache, progress: Progress) -> None:
        own = {CORE, *(entry.partition(".")[0] for entry in platform.entries)}
        self._lock = cache_in_memory(partial(find_lock, root))  # reading it takes long, and few functions need it
        self._settings = read_settings(root)
        self._modules = Modules(root, own=own)
        self._analyses = Analyses(cache, str(root))
        self._closures = Closures(
            self._modules,
            self._analyses,
            left_out=(*LEFT_OUT, *platform.left_out),
            own=own,
            provided=platform.provided,
        )
        self._notes = Notes(cache, "notes", digest_of(str(root)))
        self._packing = Packing(cache, platform, self._notes)
        self._wants = Wants(Distributions(cache, sys.path), self._lock, self._settings, platform, own=own)
        self._trees = Trees(cache, self._packing, self._lock, platform, root=root, own=own)
        self._proving = Proving(cache, platform, self._modules, self._wants)
        self._files = Files()
        self._size = cache_in_memory(_size_of)
        self._ours: dict[tuple[str, ...], Closure] = {}
        self._libraries: dict[tuple[tuple[str, ...], tuple[str, ...]], Library] = {}
        self._platform = platform
        self._cache = cache
        self._progress = progress

    def bundles(self, functions: Mapping[str, Start]) -> dict[str, Bundle]:
        """Build and prove everything; each step is done for all functions, so that its problems are told together."""
        functions = {BASE: Start(()), **functions}
        self._progress(f"reading what {len(functions) - 1} functions import")
        contents = {name: self._contents(name, start) for name, start in functions.items()}
        self._analyses.keep()
        _refuse(problem for content in contents.values() for problem in content.problems)
        self._progress("packing")
        libraries = {name: self._library(content.library) for name, content in contents.items()}
        bundles = {name: self._bundle(libraries[name], contents[name], start) for name, start in functions.items()}
        _refuse(problem for name, bundle in bundles.items() for problem in self._too_large(name, bundle.unpacked))
        self._notes.keep()
        self._progress("proving that each handler imports from its bundle")
        packed = {
            name: Packed(start, bundles[name], libraries[name].path, contents[name])
            for name, start in functions.items()
        }
        _refuse(self._proving.problems(packed))
        self._cache.prune()
        return bundles

    def _contents(self, name: str, start: Start) -> _Contents:
        ours = (*self._platform.entries, *start.parts)
        needs = self._needs(ours, start) if start.handlers else _Needs(self._closures.of((), beyond=self._alone(ours)))
        modules = needs.closure.modules
        files = self._files.of(module for module in modules if not self._closures.is_own(module.name))
        size = sum(map(self._size, files.values()))
        problems = (*self._alone(ours).problems, *self._unfound(start), *needs.problems, *self._too_large(name, size))
        library = ours, tuple(module.name for module in modules if self._closures.is_own(module.name))
        return _Contents(library, files, needs.wanted, needs.tree, needs.closure.calm, problems)

    def _alone(self, ours: tuple[str, ...]) -> Closure:
        """Return the closure of modules of ours, of whose wants the provider's alone count.

        The core does without what extras bring; a provider's parts are there because the function needs them.
        """
        if ours not in self._ours:
            alone = self._closures.of(ours)
            wanted = tuple(one for one in alone.wanted if one.by.partition(".")[0] != CORE)
            self._ours[ours] = alone._replace(wanted=wanted)
        return self._ours[ours]

    def _needs(self, ours: tuple[str, ...], start: Start) -> _Needs:
        """Return what handlers need. What is installed for them may import what of ours needs more to be installed."""
        starts = (*start.modules, *self._settings.modules)
        more = () if start.plain else self._alone(ours).wanted
        needs, installed = self._weighed(ours, starts, more, None), tuple[str, ...]()
        while needs.requirements != installed and not needs.problems:
            installed = needs.requirements
            tree, faults = self._installed(installed)
            needs = self._weighed(ours, starts, more, tree)
            needs = needs._replace(problems=(*needs.problems, *faults))
        return needs

    def _weighed(
        self, ours: tuple[str, ...], starts: tuple[str, ...], more: tuple[Wanted, ...], tree: Tree | None
    ) -> _Needs:
        closure = self._closures.of((*starts, *self._imported_by(tree)), beyond=self._alone(ours))
        closure = closure._replace(wanted=(*more, *closure.wanted))
        requirements = self._wants.requirements(closure.wanted)
        return _Needs(closure, tree, requirements.names, (*closure.problems, *requirements.problems))

    def _library(self, library: tuple[tuple[str, ...], tuple[str, ...]]) -> Library:
        if library not in self._libraries:
            ours, more = library
            modules = (*self._alone(ours).modules, *map(self._modules.find, more))
            lean = self._read(self._files.of(one for one in modules if self._closures.is_library(one.name)))
            whole = self._read(self._files.of(one for one in modules if not self._closures.is_library(one.name)))
            self._libraries[library] = self._packing.library(lean, whole)
        return self._libraries[library]

    def _unfound(self, start: Start) -> Iterator[Problem]:
        for handler in start.handlers:
            module = handler.rpartition(".")[0]
            if self._modules.find(module).place == "missing":
                what = f"there is no {module.replace('.', '/')}.py in {self._modules.root}, nor is it installed"
                yield Problem("", f"handler {handler!r}: {what}")

    def _installed(self, requirements: tuple[str, ...]) -> tuple[Tree | None, list[Problem]]:
        """Return the tree of some requirements, or why there is none."""
        self._progress(f"installing {', '.join(requirements)}")
        try:
            tree = self._trees.of(requirements, without=(*self._wants.own, *self._wants.provided))
        except InstallError as error:
            return None, [Problem("", f"{', '.join(requirements)}: {error}")]
        return tree, list(_unlocked(tree, self._lock()))

    def _imported_by(self, tree: Tree | None) -> Iterator[str]:
        for import_ in tree.imports if tree else ():
            module, _, name = import_.partition(":")
            yield from self._closures.led_to(module, name)
        if tree and tree.imports:  # whoever knows us may call any method
            yield from ON_REQUEST

    def _bundle(self, library: Library, content: _Contents, start: Start) -> Bundle:
        layers = [library.layer, *([content.tree.layer] if content.tree else [])]
        return self._packing.bundle(layers, {**self._read(content.files), **start.files})

    def _read(self, files: Mapping[str, Path]) -> dict[str, bytes]:
        return {name: self._closures.read(path) for name, path in files.items()}

    def _too_large(self, what: str, size: int) -> Iterator[Problem]:
        limit = self._platform.size_limit
        if limit and size > limit:
            megabytes = f"{size / 1e6:,.0f} MB unpacked, and the limit is {limit / 1e6:,.0f} MB"
            yield Problem("", f"the bundle of {what} is {megabytes} ({self._platform.size_source})")


def _unlocked(tree: Tree, lock: Lock) -> Iterator[Problem]:
    for name in tree.versions:
        if name not in lock.names and lock.file:
            yield Problem(lock.file, f"{name} is required, and not pinned: lock the project's requirements again")


def _refuse(problems: Iterable[Problem]) -> None:
    found = [*problems]
    if found:
        raise BundleError(found)


def _size_of(path: Path) -> int:
    return path.stat().st_size


def _silent(_: str) -> None:
    return None
