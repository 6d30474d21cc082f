"""From what a function imports of others to the requirements that bring it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from isthmus.bundling.closure import Wanted
from isthmus.bundling.distributions import Distributions, normal, required_by
from isthmus.bundling.lock import Lock
from isthmus.bundling.platform import Platform
from isthmus.bundling.settings import Settings, extras_of
from isthmus.declarations.problem import Problem


class Requirements(NamedTuple):
    """What to install for a function, and what of it cannot be."""

    names: tuple[str, ...]
    problems: tuple[Problem, ...]


class Wants:
    """What is installed, locked and set, for one project."""

    def __init__(
        self,
        distributions: Distributions,
        lock: Callable[[], Lock],
        settings: Settings,
        platform: Platform,
        *,
        own: Iterable[str],
    ) -> None:
        self._distributions = distributions
        self._lock = lock
        self._platform = platform
        self._forced = tuple(settings.distributions)
        self._own = tuple(own)
        self._extras = settings.extras
        self._our_extras: Mapping[str, frozenset[str]] | None = None

    @property
    def own(self) -> tuple[str, ...]:
        """The distributions that are ours."""
        return self._own

    def distribution(self, module: str) -> str:
        """Return the installed distribution that a module comes from; "" for none."""
        return self._distributions.of(module)

    @property
    def provided(self) -> tuple[str, ...]:
        """The distributions that the runtime has and that the project does not bring all the same."""
        return () if self._brings_provided else tuple(sorted(set(self._platform.provided.values())))

    def requirements(self, wanted: Iterable[Wanted]) -> Requirements:
        """Return what to install for some imports, and for what the project says that it needs besides."""
        found: set[str] = {self._with_extras(name) for name in self._forced}
        problems = [problem for name in self._forced for problem in self._unlocked(name, "pyproject.toml", name)]
        for import_ in wanted:
            name = self._distributions.of(import_.module)
            if self._is_there(import_.module, name):
                continue
            faults = [*self._unlocked(name, import_.where, import_.module)]
            if not faults:
                found.add(self._with_extras(name))
            elif import_.sure:
                problems += faults
        return Requirements(tuple(sorted(found)), tuple(problems))

    def needed(self, wanted: Wanted) -> str:
        """Return the distribution that an import needs to have in its bundle; "" where the runtime or we have it."""
        name = self._distributions.of(wanted.module)
        return "" if self._is_there(wanted.module, name) else name

    @property
    def _brings_provided(self) -> bool:
        provided = {normal(name) for name in self._platform.provided.values()}
        return any(normal(name) in provided for name in self._forced)

    def _is_there(self, module: str, name: str) -> bool:
        provided = self._platform.provided.get(module.partition(".")[0])
        return (provided is not None and not self._brings_provided) or name in self._own

    def _unlocked(self, name: str, where: str, module: str) -> Iterator[Problem]:
        name = normal(name)
        if not name:
            what = f"{module} is installed, but no distribution says that it brings it: a bundle cannot be made of it"
            yield Problem(where, what)
        elif name not in self._lock().names:
            yield Problem(where, f"{module} comes with {name}, which {self._unlocked_hint(name)}")

    def _unlocked_hint(self, name: str) -> str:
        if self._lock().file:
            return f"{self._lock().file} does not pin: add {name} to the project's requirements and lock them again"
        return f"is not installed from an index: pip install {name}, or add a lock such as requirements.lock"

    def _with_extras(self, name: str) -> str:
        name = normal(name)
        if self._our_extras is None:
            self._our_extras = extras_of(text for own in self._own for text in required_by(own))
        extras = self._extras.get(name, frozenset()) | self._our_extras.get(name, frozenset())
        return f"{name}[{','.join(sorted(extras))}]" if extras else name
