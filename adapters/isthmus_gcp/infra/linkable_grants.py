"""What a linkable may grant on Google: a predefined or custom role, never a basic one."""

from __future__ import annotations

import re
from typing import Any

from isthmus.declarations.options import did_you_mean
from isthmus.declarations.settings import Linkable
from isthmus.shapes import is_mapping, is_text, shown
from isthmus.transforms import TransformError

PROVIDER = "gcp"
"""Whose the grants of a linkable are."""

_ROLE = re.compile(r"(roles|(projects|organizations)/[^/]+/roles)/[A-Za-z0-9_.]+")
_BASIC = ("roles/owner", "roles/editor", "roles/viewer", "roles/browser")
_KEYS = ("role", "condition")
_CONDITION = ("title", "expression", "description")


def grants_of(declared: Linkable) -> list[dict[str, Any]]:
    """Return what a linkable grants, as a project's `IAMMember` takes it; `TransformError` where it must not be."""
    what = f"linkable {declared.name!r}, grants[{PROVIDER!r}]"
    return [_checked(grant, what) for grant in declared.grants.get(PROVIDER, ())]


def _checked(grant: Any, what: str) -> dict[str, Any]:
    if not is_mapping(grant) or not is_text(grant.get("role")) or not _ROLE.fullmatch(grant["role"]):
        raise TransformError(f"{what}: {shown(grant)} names no role, such as {{'role': 'roles/bigquery.jobUser'}}")
    if grant["role"] in _BASIC:
        raise TransformError(
            f"{what}: {grant['role']} is a basic role, which reaches all of the project: name a narrower"
        )
    for name in grant:
        if name not in _KEYS:
            raise TransformError(f"{what} has no {name!r}: {did_you_mean(str(name), _KEYS)}")
    condition = grant.get("condition")
    if condition is not None and not _is_condition(condition):
        raise TransformError(f"{what}: a condition has a title and an expression, both texts, not {shown(condition)}")
    return dict(grant)


def _is_condition(condition: Any) -> bool:
    known = is_mapping(condition) and all(name in _CONDITION and is_text(text) for name, text in condition.items())
    return known and {"title", "expression"} <= set(condition)
