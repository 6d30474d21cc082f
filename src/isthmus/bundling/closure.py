"""Everything that a module imports, and what that imports, as far as it is the project's or ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from isthmus.bundling.imports import Analysis, Import
from isthmus.bundling.modules import Module, Modules
from isthmus.declarations.problem import Problem

ON_REQUEST: Mapping[str, tuple[str, ...]] = {
    "isthmus.parsing": ("parse",),
    "isthmus.http.form": ("form", "parse"),  # a form is parsed, too
    "isthmus.http.cookies": ("cookies", "set_cookie", "delete_cookie"),
}
"""Modules that nothing of ours but methods of these names imports: who never writes one does not call it."""

_METHODS = re.compile(rb"\b(?:" + "|".join(sum(ON_REQUEST.values(), ())).encode() + rb")\b")

Analyse = Callable[[bytes, str], Analysis]


class Wanted(NamedTuple):
    """An import of something installed: the module's full name, where it is imported, and whether it must be there.

    `by` is the module that imports it.
    """

    module: str
    where: str
    sure: bool
    by: str = ""


class Closure(NamedTuple):
    """The modules that a start needs, by `names` all of them, what they want of what is installed, and their faults.

    `modules`, `wanted` and `problems` are without those of the closure that it is beyond. `calm` tells whether the
    import of the modules that are not ours does nothing but define names.
    """

    names: frozenset[str]
    modules: tuple[Module, ...]
    wanted: tuple[Wanted, ...]
    problems: tuple[Problem, ...]
    calm: bool


class _Node(NamedTuple):
    """What one module leads to by itself."""

    next: tuple[str, ...]
    wanted: tuple[Wanted, ...] = ()
    problems: tuple[Problem, ...] = ()
    calm: bool = True


class Closures:
    """The closures of one build: each module is read once, whoever imports it.

    `left_out` are modules that no bundle carries: `own` code (the core's, the provider's) may import them in functions
    that never run there; anybody else is told.
    """

    def __init__(
        self,
        modules: Modules,
        analyse: Analyse,
        *,
        left_out: Sequence[str],
        own: Iterable[str],
        provided: Iterable[str] = (),
    ) -> None:
        self._provided = frozenset(provided)
        self._modules = modules
        self._analyse = analyse
        self._left_out = tuple(f"{left}." for left in left_out)
        self._own = frozenset(own)
        self._nodes: dict[str, _Node] = {}
        self._analysed_before: dict[str, Analysis] = {}
        self._sources: dict[Path, bytes] = {}
        self._methods: dict[Path, frozenset[str]] = {}

    def of(self, starts: Iterable[str], *, beyond: Closure | None = None) -> Closure:
        """Return the closure of some modules, each of which must be there; or what of it is `beyond` another one.

        What a module of ours imports on request alone (`ON_REQUEST`) is part of it where another module's text has the
        name of the method that it is for.
        """
        known = beyond.names if beyond else frozenset[str]()
        seen = set(known)
        self._walk([*starts], seen, ON_REQUEST)
        if asked := self._asked_for(seen - known):
            self._walk(asked, seen, ())
        names = sorted(seen - known)
        nodes = [self._nodes[name] for name in names]
        return Closure(
            frozenset(seen),
            tuple(module for module in map(self._modules.find, names) if module.place == "source"),
            tuple(wanted for name in names if name not in self._optional for wanted in self._nodes[name].wanted),
            tuple(problem for node in nodes for problem in node.problems),
            all(node.calm for node in nodes),
        )

    @cached_property
    def _optional(self) -> set[str]:
        """What `ON_REQUEST` leads to: it knows of distributions which it does without where the app has none."""
        seen = set[str]()
        self._walk([*ON_REQUEST], seen, ())
        return seen

    def is_own(self, name: str) -> bool:
        """Tell whether a module is in a package of ours: the core's or the provider's."""
        return name.partition(".")[0] in self._own

    def is_library(self, name: str) -> bool:
        """Tell whether a module is of our run-time half: not one that is left out, as the contract suite's handlers."""
        return self.is_own(name) and not self._is_left_out(name)

    def _walk(self, waiting: list[str], seen: set[str], without: Container[str]) -> None:
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                next = self._node(name).next
                waiting += [step for step in next if step not in without] if self.is_library(name) else next

    def _asked_for(self, seen: Iterable[str]) -> list[str]:
        """Return the modules of `ON_REQUEST` whose methods are named in a module that is not ours."""
        files = [self._modules.find(name).file for name in seen if not self.is_library(name)]
        words = {word for file in files if file and file.suffix == ".py" for word in self._words(file)}
        return [module for module, methods in ON_REQUEST.items() if not words.isdisjoint(methods)]

    def _words(self, file: Path) -> frozenset[str]:
        if file not in self._methods:
            found = _METHODS.findall(self.read(file)) if file.is_file() else []
            self._methods[file] = frozenset(word.decode() for word in found)
        return self._methods[file]

    def led_to(self, module: str, name: str) -> list[str]:
        """Return the modules of ours that `from module import name` leads to."""
        importer = Module(f"{module}'s importer", "source")
        steps = self._steps(importer, Import(module, 0, name, 1, sure=False))
        return [step for step in steps if isinstance(step, str)]

    def read(self, path: Path) -> bytes:
        """Return the bytes of a file: read once, whoever asks."""
        if path not in self._sources:
            self._sources[path] = path.read_bytes()
        return self._sources[path]

    def shown(self, module: Module, line: int = 1) -> str:
        """Return where a line of a module is, seen from the project."""
        file = module.file or Path(module.name)
        root = self._modules.root
        return f"{file.relative_to(root) if file.is_relative_to(root) else file}:{line}"

    def _node(self, name: str) -> _Node:
        if name not in self._nodes:
            self._nodes[name] = self._make(self._modules.find(name))
        return self._nodes[name]

    def _make(self, module: Module) -> _Node:
        parents = tuple(_parents(module.name))
        if not _is_read(module):
            return _Node(parents, calm=module.place == "standard" or not module.file)
        try:
            analysis = self._analysed(module)
        except (SyntaxError, ValueError, OSError, RecursionError) as error:
            return _Node(parents, problems=(self._unreadable(module, error),))
        steps = [step for found in analysis.imports for step in self._steps(module, found)]
        return _Node(
            (*parents, *(step for step in steps if isinstance(step, str))),
            tuple(step for step in steps if isinstance(step, Wanted)),
            tuple(step for step in steps if isinstance(step, Problem)),
            analysis.calm or self.is_library(module.name),
        )

    def _analysed(self, module: Module) -> Analysis:
        assert module.file is not None
        if module.name not in self._analysed_before:
            self._analysed_before[module.name] = self._analyse(self.read(module.file), str(module.file))
        return self._analysed_before[module.name]

    def _unreadable(self, module: Module, error: Exception) -> Problem:
        line = getattr(error, "lineno", None) or 1
        fault = error.msg if isinstance(error, SyntaxError) else str(error)
        return Problem(self.shown(module, line), f"{module.name} cannot be read: {type(error).__name__}: {fault}")

    def _steps(self, module: Module, found: Import) -> Iterator[str | Wanted | Problem]:
        """Yield what an import leads to: modules of ours, something installed, or a problem."""
        target = _absolute(module, found)
        if not target:
            yield Problem(
                self.shown(module, found.line), f"{module.name} has a relative import that leaves its package"
            )
            return
        if self._is_left_out(target) and not self._is_left_out(module.name):  # a handler may be of the contract suite
            yield from self._refused(module, found, target)
            return
        place = self._modules.find(target).place
        if place == "installed" and self._modules.find(target).is_namespace:
            yield from self._of_namespace(module, found, target)
        elif place == "source":
            yield target
            yield from self._within(module, found, target)
        elif place == "installed" or self._is_provided(target):
            yield Wanted(target, self.shown(module, found.line), found.sure, module.name)
        elif place == "missing" and found.sure and self._needs(module, target):
            yield self._missing(module, found, target)

    def _of_namespace(self, module: Module, found: Import, target: str) -> Iterator[Wanted | Problem]:
        """Yield what `name` in `from target import name` leads to: a namespace itself comes with no distribution."""
        inner = f"{target}.{found.name}"
        if found.name in ("", "*") or self._modules.find(inner).is_namespace:
            return
        if self._modules.find(inner).place == "installed":
            yield Wanted(inner, self.shown(module, found.line), found.sure, module.name)
        elif found.sure and self._needs(module, target):
            yield self._missing(module, found, inner)

    def _is_provided(self, target: str) -> bool:
        return target.partition(".")[0] in self._provided

    def _needs(self, module: Module, target: str) -> bool:
        """Tell whether a module cannot do without another: ours does without what comes with extras."""
        return module.name.partition(".")[0] not in self._own or target.partition(".")[0] in self._own

    def _within(self, module: Module, found: Import, target: str) -> Iterator[str | Wanted | Problem]:
        """Yield what `name` in `from target import name` leads to: a submodule, or what is given on demand."""
        package = self._modules.find(target)
        lazy = self._lazy(package)
        names = list(lazy) if found.name in ("", "*") and package.name not in _parents(module.name) else [found.name]
        for name in names:
            inner = lazy.get(name) or (f"{target}.{name}" if name and name != "*" else "")
            if not inner or (found.name in ("", "*") and self._is_left_out(inner)):
                continue
            yield from self._inner(module, found, inner, promised=name in lazy)

    def _inner(self, module: Module, found: Import, inner: str, *, promised: bool) -> Iterator[str | Wanted | Problem]:
        place = self._modules.find(inner).place
        if place != "missing" and self._is_left_out(inner) and not self._is_left_out(module.name):
            yield from self._refused(module, found, inner)
        elif place == "source":
            yield inner
        elif place == "installed":
            yield Wanted(inner, self.shown(module, found.line), found.sure, module.name)
        elif promised:
            yield self._missing(module, found, inner)

    def _lazy(self, package: Module) -> dict[str, str]:
        if not package.folders or not _is_read(package):
            return {}
        try:
            return self._analysed(package).lazy
        except (SyntaxError, ValueError, OSError, RecursionError):
            return {}  # told where its own imports are read

    def _is_left_out(self, name: str) -> bool:
        return f"{name}.".startswith(self._left_out)

    def _refused(self, module: Module, found: Import, target: str) -> Iterator[Problem]:
        if module.name.partition(".")[0] not in self._own and found.sure:
            what = (
                f"{module.name} imports {target}, which no function may carry: it is for declaring, deploying, testing"
            )
            yield Problem(self.shown(module, found.line), f"{what}. Move what needs it out of {module.name}")

    def _missing(self, module: Module, found: Import, target: str) -> Problem:
        what = f"{module.name} imports {target}, and there is no such module here"
        hint = f"is there a file {target.replace('.', '/')}.py, or a distribution to install?"
        return Problem(self.shown(module, found.line), f"{what}: {hint} An import that may fail goes into try/except")


def _is_read(module: Module) -> bool:
    return module.place == "source" and module.file is not None and module.file.suffix == ".py"


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _absolute(module: Module, found: Import) -> str:
    """Return the full name of what is imported; "" where a relative import goes beyond the top."""
    if not found.level:
        return found.module
    package = module.package.split(".")
    base = package[: len(package) - found.level + 1]
    if found.level > len(package) or not module.package:
        return ""
    return ".".join([*base, *([found.module] if found.module else [])])
