"""The environment of each function: names that can be, and a size that fits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from isthmus.capabilities import Limits
from isthmus.checks.draft import Draft, label
from isthmus.declarations.function import Function
from isthmus.declarations.problem import Problem
from isthmus.links import VARIABLE, Identity, decode, encode
from isthmus.shapes import shown

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHOWN = 3


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the variables that cannot be set."""
    reserved = (VARIABLE, *draft.limits.environment_reserved)
    for function in draft.of(Function):
        for name, value in function.environment.items():
            fault = _fault(name, value, reserved)
            if fault:
                yield Problem(function.where, f"{label(function)}: {fault}")


def check_size(draft: Draft, function: Function, identity: Identity) -> Iterator[Problem]:
    """Yield a problem where all variables of a function together are over the provider's budget."""
    try:
        variables = {VARIABLE: encode(_placed(identity, draft.limits)), **function.environment}
    except (TypeError, ValueError, RecursionError):  # properties that are no JSON: another check's
        return
    total, budget = size(variables, draft.limits), draft.limits.environment_bytes
    if total > budget:
        sizes = {name: size({name: value}, draft.limits) for name, value in variables.items()}
        yield Problem(
            function.where,
            f"{label(function)}: its environment variables take {total:,} bytes together, and {draft.target.provider} "
            f"takes {budget:,}. The most: {_largest(sizes)}. Fewer links, or configuration in a bucket or a table",
        )


def size(variables: Mapping[str, str], limits: Limits) -> int:
    """Return how many bytes of the provider's budget variables take together."""
    counted = json.dumps(dict(variables), separators=(",", ":"), ensure_ascii=False)
    plain = "".join(f"{name}{value}" for name, value in variables.items())
    return len((counted if limits.environment_as_json else plain).encode("utf-8", "replace"))


def _placed(identity: Identity, limits: Limits) -> Identity:
    """Return an identity that has an account: a plan that is made without one must not find room where none will be."""
    if identity.account or not limits.account_length:
        return identity
    placed = decode(encode(identity))
    placed.account = "0" * limits.account_length
    return placed


def _fault(name: str, value: str, reserved: tuple[str, ...]) -> str:
    if not _NAME.fullmatch(name):
        return f"environment: {shown(name)} cannot be a variable's name: letters, digits and underscores"
    if any(fnmatchcase(name.upper(), pattern) for pattern in reserved):
        return f"environment: {name!r} is set by Isthmus or the provider; choose another name"
    return f"environment: the value of {name!r} holds a NUL character" if "\0" in value else ""


def _largest(sizes: Mapping[str, int]) -> str:
    largest = sorted(sizes.items(), key=lambda entry: entry[1], reverse=True)[:_SHOWN]
    return ", ".join(f"{name} ({size:,}{', the links' if name == VARIABLE else ''})" for name, size in largest)
