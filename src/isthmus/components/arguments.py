"""The typed arguments of components: what a declaration comes to, after the app's and the resource's transforms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, ClassVar, Self, TypeAlias, TypeVar, get_type_hints

from isthmus.annotations import conforms, says
from isthmus.components.renames import former_name
from isthmus.declarations.resource import Resource
from isthmus.plan import Plan
from isthmus.shapes import shown
from isthmus.transforms import TransformError

A = TypeVar("A", bound="ComponentArgs")

Bounds: TypeAlias = Mapping[str, tuple[float, float | None]]
"""Argument → the least and the most (None: whatever) that the provider takes of it."""


@dataclass(frozen=True, kw_only=True)
class ComponentArgs:
    """What every component takes: its own options are the fields of a subclass.

    `nodes` holds raw arguments by role, merged deep into those of the Pulumi resource of that role:
    `{"function": {"kms_key_arn": …}}`. `renamed_from` is the name that the resource was declared with when it was made:
    it stays what it is, with its fixed name and all that it holds, for as long as this says so. `adopt` takes over what
    lies there under the fixed name already, such as a table that an earlier stage has left behind.

    `bounds` are the provider's own. The plan holds a declaration to them; a transform is held to them here.
    """

    bounds: ClassVar[Bounds] = {}

    nodes: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {})
    renamed_from: str = ""
    adopt: bool = False

    @classmethod
    def of(cls, declared: Any, plan: Plan) -> Self:
        """Return the arguments of a declared resource, after the transforms; a subclass reads its declaration here."""
        return settled(cls, declared, plan, {})


def settled(kind: type[A], declared: Resource, plan: Plan, values: Mapping[str, Any]) -> A:
    """Return the arguments of a declared resource: defaults, `values` over them, and then the transforms.

    `TransformError` where a transform gives a value of a wrong type, or for an argument that there is not.
    """
    known = fields(kind)
    given = {option.name: _default(option) for option in known if not _is_required(option)} | dict(values)
    arguments = plan.arguments(declared, given, [option.name for option in known])
    for name, annotation in _types(kind).items():
        if name in arguments and not conforms(arguments[name], annotation):
            what = f"the transform of {declared.kind} {declared.name!r} sets {name!r} to {shown(arguments[name])}"
            raise TransformError(f"{what}: it is {says(annotation)}")
    for name, (least, most) in kind.bounds.items():
        value = arguments[name]
        if value is not None and not least <= value <= (value if most is None else most):
            what = f"the transform of {declared.kind} {declared.name!r} sets {name!r} to {shown(value)}"
            bound = f"{least:,} at least{'' if most is None else f', {most:,} at most'}"
            raise TransformError(f"{what}: {plan.target.provider} takes {bound}")
    if arguments.get("renamed_from") and not former_name(plan.app, declared.name):
        raise TransformError(
            f"the transform of {declared.kind} {declared.name!r} sets 'renamed_from', which names are made of before a "
            "callable or an app-wide transform runs: give it where the resource is declared, "
            f"transform={{'renamed_from': {arguments['renamed_from']!r}}}"
        )
    return kind(**arguments)


def _types(kind: type[ComponentArgs]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {option.name: hints[option.name] for option in fields(kind)}


def _is_required(option: Field[Any]) -> bool:
    return option.default is MISSING and option.default_factory is MISSING


def _default(option: Field[Any]) -> Any:
    return option.default if option.default_factory is MISSING else option.default_factory()
