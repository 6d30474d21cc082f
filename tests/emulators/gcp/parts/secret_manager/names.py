"""How the resources of Secret Manager are named, and what their names may be."""

from __future__ import annotations

import re
import zlib

_PARENT = re.compile(r"projects/[^/]+(/locations/[^/]+)?")
_SECRET = re.compile(r"projects/[^/]+(/locations/[^/]+)?/secrets/[A-Za-z0-9_-]{1,255}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_STATE = re.compile(r"state\s*[:=]\s*(ENABLED|DISABLED|DESTROYED)", re.IGNORECASE)


class InvalidNameError(ValueError):
    """A name that no resource can have."""


def check_parent(parent: str) -> None:
    """Refuse what is neither a project nor a region of one."""
    if not _PARENT.fullmatch(parent):
        raise InvalidNameError(f"[{parent}] is neither a project nor a region of one.")


def check_id(name: str) -> None:
    """Refuse an id that is not 1 to 255 letters, digits, hyphens and underscores.

    https://cloud.google.com/secret-manager/docs/creating-and-accessing-secrets
    """
    if not _ID.fullmatch(name):
        raise InvalidNameError(f"[{name}] is not a secret id: 1 to 255 letters, digits, hyphens and underscores.")


def check_secret(name: str) -> None:
    """Refuse what is not the name of a secret."""
    if not _SECRET.fullmatch(name):
        raise InvalidNameError(f"[{name}] is not the name of a secret.")


def is_regional(parent: str) -> bool:
    """Whether it is a region: its secrets are others than the project's global ones."""
    return "/locations/" in parent


def shown(name: str) -> str:
    """Return a name as responses have it: with the project's number, by which it can also be asked for."""
    kind, project, *rest = name.split("/")
    return "/".join([kind, project_number(project), *rest])


def project_number(project: str) -> str:
    """Return the number of a project, which here follows from its id."""
    return project if project.isdecimal() else str(100_000_000_000 + zlib.crc32(project.encode()))


def state_of(condition: str) -> str | None:
    """Return the state that a filter asks for, if that is all it does."""
    found = _STATE.fullmatch(condition.strip())
    return found[1].upper() if found else None


def snake(name: str) -> str:
    """Return a method's name as Python has it."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
