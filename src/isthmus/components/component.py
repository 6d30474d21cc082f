"""What every component has in common: its token, its raw children by role, and what becomes of those that hold data."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from inspect import signature
from typing import Any, ClassVar, Generic, TypeVar, cast, get_overloads

import pulumi

from isthmus.components.arguments import ComponentArgs
from isthmus.components.renames import former_name
from isthmus.components.tags import tags_of
from isthmus.declarations.options import did_you_mean
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus.transforms import TransformError, merged

A_co = TypeVar("A_co", bound=ComponentArgs, covariant=True)
R_co = TypeVar("R_co", bound=pulumi.CustomResource, covariant=True)
R = TypeVar("R", bound=pulumi.CustomResource)

_OURS = frozenset({"self", "__self__", "resource_name", "args", "opts", "__props__"})


@dataclass(frozen=True)
class Node(Generic[R_co]):
    """One role of a component: which raw Pulumi resource plays it, and whether that one holds data.

    What `stays` is not the app's alone: it is let go of where others would delete it.
    """

    role: str
    kind: type[R_co]
    holds_data: bool = False
    stays: bool = False


class Component(pulumi.ComponentResource, Generic[A_co]):
    """A resource of an app, and the raw Pulumi resources that it comes to: `nodes`, by role.

    A subclass names its `token`, which is frozen (it is part of every URN below it), the arguments that it `takes`,
    and its `children`. Its constructor makes them with `child`, and ends with `done`.
    """

    token: ClassVar[str]
    takes: ClassVar[type[ComponentArgs]] = ComponentArgs
    children: ClassVar[Sequence[Node[Any]]] = ()
    tagged: ClassVar[str] = "tags"
    """The argument by which raw resources of this provider take their tags."""
    unread: ClassVar[Sequence[str]] = ()
    """What the provider does not read back of a raw resource, so that one that is taken over seems to have others."""

    @classmethod
    def ready(cls, declared: Any, plan: Plan) -> None:
        """Raise what would stop the component from being made, while nothing is made yet."""
        check_nodes(f"{declared.kind} {declared.name!r}", cls.takes.of(declared, plan), cls.children)

    def __init__(
        self,
        name: str,
        args: A_co,
        deployment: Deployment,
        *,
        tags: Mapping[str, str] | None = None,
        parent: pulumi.Resource | None = None,
    ) -> None:
        check_nodes(f"{self.token} {name!r}", args, self.children)
        former = former_name(deployment.plan.app, name)
        super().__init__(self.token, name, None, pulumi.ResourceOptions(parent=parent, aliases=_alias(former)))
        self.name = name
        self.args = args
        self.deployment = deployment
        self.nodes: dict[str, Any] = {}
        self._former = former
        self._tags = self.tags(tags_of(deployment.plan, tags or {}))

    @staticmethod
    def tags(tags: Mapping[str, str]) -> Mapping[str, str]:
        """Return tags as this provider takes them."""
        return tags

    @staticmethod
    def named(node: Node[Any], name: str) -> str:
        """Return what a raw resource is called in Pulumi, and so in the cloud where nothing else names it."""
        return name

    @property
    def keeps_data(self) -> bool:
        """Whether what holds data outlives the stage."""
        return self.deployment.plan.app.removal == "retain"

    def child(
        self,
        node: Node[R],
        arguments: Mapping[str, Any],
        *,
        of: str = "",
        adopt: str = "",
        depends_on: Sequence[pulumi.Resource] = (),
    ) -> R:
        """Make the raw resource `{component}-{role}`; where a role is played by several, `of` tells them apart.

        `arguments` get the tags, where it takes any, and then the component's own `nodes` merged in. `adopt` is what
        the resource is imported by, where the arguments say that it is to be taken over.
        """
        role = f"{node.role}-{of}" if of else node.role
        adopts = bool(adopt) and self.args.adopt
        opts = pulumi.ResourceOptions(
            parent=self,
            aliases=_alias(f"{self._former}-{role}" if self._former else ""),
            depends_on=list(depends_on),
            import_=adopt if adopts else None,
            ignore_changes=self._unread(node) if adopts else None,
            **_lasting(node, keep=self.keeps_data),
        )
        made = node.kind(self.named(node, f"{self.name}-{role}"), **self._raw(node, role, arguments), opts=opts)
        self.nodes[role] = made
        return made

    def done(self, **outputs: Any) -> None:
        """Say that all children are made, and what the component shows; refuse `nodes` that nobody turned out to be."""
        for role in self.args.nodes:
            if role not in self.nodes and role not in {node.role for node in self.children}:
                raise TransformError(_unknown_role(f"{self.token} {self.name!r}", role, self.nodes))
        self.register_outputs(outputs)

    def _unread(self, node: Node[Any]) -> list[str]:
        """Return what cannot be read back as the engine names it: Pulumi translates the names of arguments alone."""
        found = (name.split("_") for name in self.unread if hasattr(node.kind, name))
        return [first + "".join(word.capitalize() for word in others) for first, *others in found]

    def _raw(self, node: Node[Any], role: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        known = parameters(node.kind)
        tags = {self.tagged: self._tags} if self.tagged in known else {}
        raw = {**tags, **arguments}
        for key in dict.fromkeys((node.role, role)):
            raw = merged(raw, self.args.nodes.get(key, {}))
        return raw


def _alias(former: str) -> list[pulumi.Alias] | None:
    """Return what a resource was named before, as Pulumi takes it: it is the same one, then, and not a new one."""
    return [pulumi.Alias(name=former)] if former else None


def _lasting(node: Node[Any], *, keep: bool) -> dict[str, Any]:
    """Return the options of a child by what becomes of it when it leaves the program."""
    if node.holds_data:
        return _of_data(keep=keep)
    return {"retain_on_delete": True} if node.stays else {}


def _of_data(*, keep: bool) -> dict[str, Any]:
    """Return the options of a child that holds data; each is set on the child itself, so that all can be seen there.

    A stage that keeps its data protects it: the engine then refuses to delete or replace it, and lets go of it without
    touching it once the protection is taken away by hand. Every stage refuses to replace it under its name: by its own
    choice Pulumi deletes what has a fixed name before it makes it anew, and all data with it.
    `delete_before_replace=False`, said aloud, overrules the provider's wish (`goal.DeleteBeforeReplace` in the engine's
    step generator): the new one is made first, which the provider refuses because the name is taken, and the old one
    stays as it was. Under another name (another region, FIFO or not, a rename taken back) only the protection keeps
    the old one.
    https://www.pulumi.com/docs/iac/concepts/options/deletebeforereplace/
    """
    return {"protect": keep, "retain_on_delete": keep, "delete_before_replace": False}


def check_nodes(
    what: str, args: ComponentArgs, children: Sequence[Node[Any]], several: Collection[str] | None = None
) -> None:
    """Refuse raw arguments of a role that there is not, or that the role's resource does not take.

    `several` are the roles that tell apart several of one role, where they are known beforehand: `route-GET /orders`.
    """
    roles = {node.role: node for node in children}
    for role, raw in args.nodes.items():
        node = roles.get(role) or roles.get(role.partition("-")[0])
        if node is None or (several is not None and role not in roles and role not in several):
            raise TransformError(_unknown_role(what, role, (*roles, *(several or ()))))
        check_arguments(f"nodes[{role!r}] of {what}", node.kind, raw)


def check_arguments(what: str, kind: type[pulumi.CustomResource], raw: Mapping[str, Any]) -> None:
    """Refuse an argument that the constructor of `kind` does not have."""
    known = parameters(kind)
    for name in raw:
        if name not in known:
            raise TransformError(f"{what}: {kind.__name__} takes no {name!r}: {did_you_mean(str(name), known)}")


def parameters(kind: type[pulumi.CustomResource]) -> frozenset[str]:
    """Return the names of the arguments that a raw resource takes."""
    return _parameters(cast("Hashable", kind))  # a class; mypy does not know that classes can be hashed


@cache
def _parameters(kind: Hashable) -> frozenset[str]:
    constructor: Any = cast("type[pulumi.CustomResource]", kind).__init__
    forms = [signature(form).parameters for form in get_overloads(constructor)]
    return frozenset(name for form in forms for name in form) - _OURS


def _unknown_role(what: str, role: str, known: Iterable[str]) -> str:
    return f"nodes of {what}: there is no role {role!r}: {did_you_mean(role, known)}"
