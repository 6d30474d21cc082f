"""The extras of Isthmus: what of one is not installed."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires, version

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def lacking(extra: str) -> str | None:
    """Return the first distribution of an extra that is not installed; None where all are, or there is no such extra.

    What is only for some systems is passed over.
    """
    for requirement in requires("isthmus") or ():
        name, _, marker = requirement.partition(";")
        found = _NAME.match(name)
        if found and marker.strip().replace('"', "'") == f"extra == '{extra}'" and not _is_installed(found[0]):
            return found[0]
    return None


def _is_installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True
