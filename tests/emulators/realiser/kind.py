"""A kind of resource: how it is made, changed, read and removed, in plain data; nothing of Pulumi's own types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any, NamedTuple, TypeAlias, cast

Inputs: TypeAlias = Mapping[str, Any]
"""What a resource was asked to be: Pulumi's wire names (camelCase), whole numbers as ints, assets as plain data."""

Outputs: TypeAlias = Mapping[str, Any]
"""What is known of a resource only once it is there, by the same names."""

_GONE = re.compile("NotFound|NoSuch|NonExistent|NotExist|ResourceNotFound")


class Made(NamedTuple):
    """A resource that is there: its id, and its outputs."""

    id: str
    outputs: Outputs


def _always(_session: Any, _id: str, _state: Inputs) -> Inputs:
    return {}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What the table knows of one resource type.

    `create` makes it exist, `finish` then sets what creation does not take; should that fail, it is removed again.
    `change` brings an existing one to new inputs; where it is None, or an input of `fixed` differs, the resource is
    replaced. `read` returns what it is now, None where it is gone. `name` is the input that is named automatically.
    """

    create: Callable[[Any, Inputs], Made]
    delete: Callable[[Any, str, Inputs], object]
    finish: Callable[[Any, str, Inputs], object] | None = None
    change: Callable[[Any, str, Inputs], Outputs] | None = None
    read: Callable[[Any, str, Inputs], Inputs | None] = _always
    name: str = ""
    suffix: Callable[[Inputs], str] = lambda inputs: ""
    fixed: Sequence[str] = ()
    outputs: Sequence[str] = ()

    @property
    def replaced_by(self) -> tuple[str, ...]:
        """The inputs that cannot change in place."""
        return (*self.fixed, *((self.name,) if self.name else ()))


class UnknownKindError(NotImplementedError):
    """The program registers a type that the table does not have."""

    def __init__(self, token: str, name: str) -> None:
        super().__init__(f"no creator for {token} ({name}): add it to the table of kinds")


class RealiseError(Exception):
    """A resource could not be made; the emulator's own error is the cause."""

    def __init__(self, token: str, name: str, error: Exception) -> None:
        super().__init__(f"{token} {name}: {type(error).__name__}: {error}")


def named(kind: Kind, logical: str, inputs: Inputs, seed: bytes) -> Inputs:
    """Return the inputs with the physical name that a provider's Check fills in, where none is given."""
    if not kind.name or inputs.get(kind.name):
        return inputs
    prefix = inputs.get(f"{kind.name}Prefix") or f"{logical}-"
    return {**inputs, kind.name: f"{prefix}{sha256(seed).hexdigest()[:7]}{kind.suffix(inputs)}"}


def create(kind: Kind, session: Any, inputs: Inputs) -> Made:
    """Make a resource whole, or leave nothing of it."""
    made = kind.create(session, inputs)
    if kind.finish is not None:
        try:
            kind.finish(session, made.id, inputs)
        except Exception:
            remove(kind, session, made.id, {**inputs, **made.outputs})
            raise
    return made


def change(kind: Kind, session: Any, id_: str, inputs: Inputs) -> Outputs:
    """Bring a resource to new inputs and return its outputs."""
    if kind.change is None:
        raise NotImplementedError("this kind cannot be changed, only replaced")
    outputs = kind.change(session, id_, inputs)
    if kind.finish is not None:
        kind.finish(session, id_, inputs)
    return outputs


def read(kind: Kind, session: Any, id_: str, state: Inputs) -> Inputs | None:
    """Return what a resource is now, as far as its kind can tell; None where it is gone."""
    try:
        return kind.read(session, id_, state)
    except Exception as error:
        if is_gone(error):
            return None
        raise


def remove(kind: Kind, session: Any, id_: str, state: Inputs) -> None:
    """Remove a resource; what is gone already counts as removed."""
    try:
        kind.delete(session, id_, state)
    except Exception as error:
        if not is_gone(error):
            raise


def is_gone(error: Exception) -> bool:
    """Whether an SDK's error says that there is no such thing."""
    response: Any = getattr(error, "response", None)
    told: Any = cast("Mapping[str, Any]", response).get("Error", {}) if isinstance(response, Mapping) else {}
    return bool(_GONE.search(str(told.get("Code", "")))) or getattr(error, "code", None) == HTTPStatus.NOT_FOUND
