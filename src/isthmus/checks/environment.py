"""The environment of each function: names that can be, a size that fits, and whether the identity has room in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from isthmus.capabilities import Limits
from isthmus.checks.draft import Draft, label
from isthmus.declarations.function import Function
from isthmus.declarations.problem import Problem
from isthmus.links import FILE, VARIABLE, Identity, decode, encode
from isthmus.shapes import shown

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHOWN = 3


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the variables that cannot be set."""
    for function in draft.of(Function):
        for name, value in function.environment.items():
            fault = fault_of(name, value, draft.limits)
            if fault:
                yield Problem(function.where, f"{label(function)}: {fault}")


def check_size(draft: Draft, function: Function, identity: Identity) -> Iterator[Problem]:
    """Yield what cannot be written down, and a problem where all variables together are over the provider's budget."""
    try:
        whole = {VARIABLE: encode(_placed(identity, draft.limits)), **function.environment}
    except (TypeError, ValueError, RecursionError):  # properties that are no JSON: another check's
        return
    yield from _unwritable(function, whole)
    variables = fitted(whole, draft.limits)
    total, budget = size(variables, draft.limits), draft.limits.environment_bytes
    if total > budget:
        counted = {name: value for name, value in variables.items() if (name, value) != (VARIABLE, FILE)}
        sizes = {name: size({name: value}, draft.limits) for name, value in counted.items()}
        yield Problem(
            function.where,
            f"{label(function)}: its environment variables take {total:,} bytes together, and {draft.target.provider} "
            f"takes {budget:,}. The most: {_largest(sizes)}. {advice(draft.limits)}",
        )


def fitted(variables: Mapping[str, str], limits: Limits) -> Mapping[str, str]:
    """Return the variables as a function gets them: without the identity, where it is to be a file of the bundle.

    It is one where all variables take more than the budget, and the provider can: whoever packs the bundle and whoever
    sets the variables must both ask here, with the same variables.
    """
    if not limits.identity_spills or size(variables, limits) <= limits.environment_bytes:
        return variables
    return {**variables, VARIABLE: FILE}


def advice(limits: Limits) -> str:
    """Return what makes room among the variables of a function."""
    if limits.identity_spills:
        return "Put configuration into a bucket or a table"
    return "Fewer links, or configuration in a bucket or a table"


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


def fault_of(name: str, value: str, limits: Limits) -> str:
    """Return what is wrong with a variable that is given to a function; "" where nothing is."""
    if not _NAME.fullmatch(name):
        return f"environment: {shown(name)} cannot be a variable's name: letters, digits and underscores"
    if any(fnmatchcase(name.upper(), pattern) for pattern in (VARIABLE, *limits.environment_reserved)):
        return f"environment: {name!r} is set by Isthmus or the provider; choose another name"
    return f"environment: the value of {name!r} holds a NUL character" if "\0" in value else ""


def _unwritable(function: Function, variables: Mapping[str, str]) -> Iterator[Problem]:
    for name, value in variables.items():
        if not _is_unicode(value):
            what = "what it is linked to" if name == VARIABLE else f"environment: the value of {name!r}"
            yield Problem(function.where, f"{label(function)}: {what} has half a surrogate pair, which is no character")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _largest(sizes: Mapping[str, int]) -> str:
    largest = sorted(sizes.items(), key=lambda entry: entry[1], reverse=True)[:_SHOWN]
    return ", ".join(f"{name} ({size:,}{', the links' if name == VARIABLE else ''})" for name, size in largest)
