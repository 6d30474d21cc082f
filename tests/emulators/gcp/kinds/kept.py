"""Kinds that are no more than what was asked for: the cloud keeps them at its door, and what runs there looks at
them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.emulators.gcp.session import Session
from tests.emulators.realiser.kind import Inputs, Kind, Made, Outputs

Path = Callable[[Session, Inputs], str]
"""The full name of a resource."""

Told = Callable[[Session, str, Inputs], Outputs]
"""The outputs of a resource, by its full name."""


def _nothing(_session: Session, _id: str, _inputs: Inputs) -> Outputs:
    return {}


def kept(
    kind: str,
    path: Path,
    told: Told = _nothing,
    *,
    name: str = "",
    fixed: Sequence[str] = (),
    outputs: Sequence[str] = (),
) -> Kind:
    """Return a kind that is kept at the door under its full name, and can be changed in place."""

    def create(google: Session, inputs: Inputs) -> Made:
        id_ = path(google, inputs)
        google.cloud.put(kind, id_, inputs)
        return Made(id_, told(google, id_, inputs))

    def change(google: Session, id_: str, inputs: Inputs) -> Outputs:
        google.cloud.put(kind, id_, inputs)
        return told(google, id_, inputs)

    return Kind(
        create=create,
        change=change,
        delete=lambda google, id_, _: google.cloud.drop(kind, id_),
        read=lambda google, id_, _: _there(google, kind, id_),
        name=name,
        fixed=("project", "location", "region", *fixed),
        outputs=tuple(outputs),
    )


def _there(google: Session, kind: str, id_: str) -> Mapping[str, Any] | None:
    """Return nothing that has drifted of what is there; None where it is gone."""
    return None if google.cloud.get(kind, id_) is None else {}


def member(token: str, *on: str) -> Kind:
    """Return the kind of a member of a policy; `on` are the inputs that say on what."""

    def path(google: Session, inputs: Inputs) -> str:
        told = [str(inputs.get(name) or "") for name in (*on, "role", "member")]
        return "~".join((token.split(":")[1].replace("/", "."), google.of(inputs), *told)).replace("/", ".")

    def create(google: Session, inputs: Inputs) -> Made:
        id_ = path(google, inputs)
        google.cloud.put("iam", id_, {"project": google.project, **inputs, "token": token})
        return Made(id_, {"etag": "BwX"})

    return Kind(
        create=create,
        delete=lambda google, id_, _: google.cloud.drop("iam", id_),
        read=lambda google, id_, _: _there(google, "iam", id_),
        outputs=("etag",),
    )


def unique(*parts: str) -> str:
    """Return what stands for a number that Google gives."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(parts)))
