"""What all declared resources have in common: a name, verbs to link by, tags and a transform."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias

from isthmus.declarations.problem import Problem, caller

Transform: TypeAlias = Mapping[str, Any] | Callable[[dict[str, Any]], dict[str, Any] | None]
"""An escape hatch for the provider's own arguments: a mapping merged deep into them, or a callable that gets them as a
dict and changes it in place or returns a new one."""


class Registry(Protocol):
    """What a declaration needs of the app it belongs to."""

    resources: list[Resource]
    subscriptions: list[Any]
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class Grant:
    """A resource and the verbs a link gives: `orders.read`. What `link=[…]` takes besides whole resources."""

    resource: Resource
    verbs: tuple[str, ...]

    if not TYPE_CHECKING:

        def __call__(self, *_args, **_options):
            """Record the call of a mistyped method, which `Resource.__getattr__` took for a verb."""
            kind, name = self.resource.kind, self.resource.name
            methods = [method for method in dir(type(self.resource)) if not method.startswith("_")]
            what = f"{kind} {name!r} has no method {self.verbs[0]!r}" if self.verbs else f"{kind} {name!r} is no method"
            close = get_close_matches("".join(self.verbs[:1]), methods, n=1)
            hint = f": did you mean {close[0]!r}?" if close else ""
            self.resource.app.problems.append(Problem(caller(), what + hint))


@dataclass(frozen=True, slots=True)
class Deployed:
    """A property of a resource that is known only once it runs, such as an api's `url`: what `app.output` shows."""

    resource: Resource
    property: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resource:
    """The base of every declaration: an instance compares by identity and remembers the line that declared it."""

    kind: ClassVar[str] = "resource"
    verbs: ClassVar[tuple[str, ...]] = ()
    holds_data: ClassVar[bool] = False

    app: Registry = field(repr=False)
    name: str
    tags: Mapping[str, str] = field(default_factory=lambda: {})
    transform: Transform | None = field(default=None, repr=False)
    where: str = field(default_factory=caller, repr=False)

    def grant(self, *verbs: str) -> Grant:
        """Return a grant of `verbs`, which a link takes; all of the kind's verbs where none is named."""
        return Grant(self, verbs or type(self).verbs)

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            """Turn a mistyped verb into a grant that `plan` refuses, so that all mistakes are told at once."""
            if name.startswith("_") or name in Resource.__slots__:
                raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
            return Grant(self, (name,))
