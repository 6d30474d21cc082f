"""What the checks look at: the app on its target, with each value that is of a wrong type set aside."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import MISSING, Field, fields, replace
from functools import cache, cached_property
from typing import Any, TypeVar, cast, get_type_hints

from isthmus.annotations import conforms
from isthmus.capabilities import Limits
from isthmus.declarations.api import Cors, Route
from isthmus.declarations.app import App
from isthmus.declarations.function import Function
from isthmus.declarations.resource import Resource
from isthmus.declarations.subscription import Subscription
from isthmus.declarations.target import Target
from isthmus.ports import Provider
from isthmus.shapes import shown
from isthmus.wiring import Delivery, deliveries, functions, trigger_kinds, used_resources

D = TypeVar("D", bound="Resource | Subscription | Route | Cors")
R = TypeVar("R", bound=Resource)

_READ = frozenset({"bind", "parsed", "fault", "functions"})
"""What a workflow's own check looks at."""

_NOT_TYPED = frozenset({"app", "where", "link", "function", "source", "target", "routes", "dead_letters"} | _READ)
"""Fields that the declarations fill in themselves, and `link`, which a check of its own explains better."""


class Draft:
    """An app to be checked on a target. `sound(declaration)` is what a check reads values from."""

    def __init__(self, app: App, target: Target, provider: Provider) -> None:
        self.app = app
        self.target = target
        self.provider = provider
        self._sound: dict[int, Any] = {}
        self._triggers = trigger_kinds(app)

    @property
    def limits(self) -> Limits:
        """The provider's limits."""
        return self.provider.capabilities.limits

    @property
    def resources(self) -> list[Resource]:
        """Everything declared."""
        return self.app.resources

    @cached_property
    def used(self) -> list[Resource]:
        """Everything declared but dead-letter queues that nothing can fill."""
        return used_resources(self.app)

    @cached_property
    def functions(self) -> list[Function]:
        """The functions."""
        return functions(self.app)

    def triggers(self, function: Function) -> set[str]:
        """Return the kinds of event that reach a declared function."""
        return self._triggers[id(function)]

    def sources(self, function: Function) -> list[Delivery]:
        """Return how asynchronous events reach a declared function."""
        return [delivery for delivery in self._deliveries if delivery.function is function]

    @cached_property
    def _deliveries(self) -> list[Delivery]:
        return deliveries(self.app)

    def of(self, kind: type[R]) -> Iterator[R]:
        """Return the resources of a kind, each as `sound` gives it."""
        return (self.sound(resource) for resource in self.resources if isinstance(resource, kind))

    @cached_property
    def deliveries(self) -> list[tuple[Subscription, Function]]:
        """Each subscription with its function, both sound; those of a queue to a topic are left out."""
        return [(self.sound(s), self.sound(s.target)) for s in self.app.subscriptions if isinstance(s.target, Function)]

    def sound(self, declaration: D) -> D:
        """Return `declaration` with each value of a wrong type replaced by its default, so that a check can use it.

        The wrong values are one check's own problem (`options`), and must not hide what others find.
        """
        if id(declaration) not in self._sound:
            wrong = {option.name: _default(option) for option, _ in mistyped(declaration)}
            self._sound[id(declaration)] = replace(declaration, **wrong) if wrong else declaration
        return cast("D", self._sound[id(declaration)])


def mistyped(declaration: Resource | Subscription | Route | Cors) -> list[tuple[Field[Any], Any]]:
    """Return the fields of a declaration whose values are of a wrong type, each with the type that it should be."""
    return [
        (option, annotation)
        for option, annotation in _typed_fields(cast("Hashable", type(declaration)))
        if not conforms(getattr(declaration, option.name), annotation)
    ]


@cache
def _typed_fields(kind: Hashable) -> list[tuple[Field[Any], Any]]:
    declared: Any = kind  # a class; mypy does not know that classes can be hashed
    hints = get_type_hints(declared)
    return [(option, hints[option.name]) for option in fields(declared) if option.name not in _NOT_TYPED]


def _default(option: Field[Any]) -> Any:
    if option.default is not MISSING:
        return option.default
    if option.default_factory is not MISSING:
        return option.default_factory()
    return {} if "Mapping" in str(option.type) else () if "Sequence" in str(option.type) else ""


def label(resource: Resource) -> str:
    """Return how a problem names a resource: `queue 'Work'`."""
    return f"{resource.kind} {shown(resource.name)}"
