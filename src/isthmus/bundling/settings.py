"""What a project says about its bundles, in `[tool.isthmus.bundle]` of its `pyproject.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from isthmus.bundling.bundle import BundleError
from isthmus.bundling.distributions import requirement
from isthmus.declarations.problem import Problem
from isthmus.shapes import is_list, is_mapping

_FILE = "pyproject.toml"


class Settings(NamedTuple):
    """What no import shows: `distributions` and `modules` that each bundle has, and the extras of requirements."""

    distributions: tuple[str, ...]
    modules: tuple[str, ...]
    extras: Mapping[str, frozenset[str]]


def read_settings(root: Path) -> Settings:
    """Return the settings of the project at `root`; `BundleError` where they make no sense."""
    path = root / _FILE
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (ValueError, OSError) as error:
        raise BundleError([Problem(_FILE, str(error))]) from error
    given: Any = document.get("tool", {}).get("isthmus", {}).get("bundle", {})
    return Settings(_list(given, "distributions"), _list(given, "modules"), _extras(document))


def _list(given: Any, name: str) -> tuple[str, ...]:
    value: object = given.get(name, []) if is_mapping(given) else None
    if not is_list(value) or not all(isinstance(entry, str) for entry in value):
        raise BundleError([Problem(_FILE, f"{name} of [tool.isthmus.bundle] is not a list of names")])
    return tuple(value)


def _extras(document: dict[str, Any]) -> Mapping[str, frozenset[str]]:
    """Return the extras that the project's requirements name, by distribution."""
    return extras_of(text for text in _requirements(document) if isinstance(text, str))


def extras_of(requirements: Iterator[str]) -> dict[str, frozenset[str]]:
    """Return the extras that some requirements name, by distribution."""
    found: dict[str, frozenset[str]] = {}
    for text in requirements:
        name, extras = requirement(text)
        if extras:
            found[name] = found.get(name, frozenset()) | extras
    return found


def _requirements(document: dict[str, Any]) -> Iterator[Any]:
    project = document.get("project", {})
    yield from project.get("dependencies", [])
    for group in project.get("optional-dependencies", {}).values():
        yield from group
    for group in document.get("dependency-groups", {}).values():
        yield from group
