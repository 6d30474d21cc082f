"""Deploys an app by Pulumi: what the program in `infra/__main__.py` runs for the stack that it is run for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar

from isthmus.declarations.app import App
from isthmus.declarations.options import did_you_mean
from isthmus.declarations.resource import Deployed, Resource
from isthmus.declarations.target import Target
from isthmus.errors import IsthmusError, MissingExtraError
from isthmus.plan import Plan, plan
from isthmus.providers import find, installed

T = TypeVar("T")


class StackNameError(IsthmusError, ValueError):
    """A stack's name does not say the provider and the stage."""


class NotDeployedError(IsthmusError, NotImplementedError):
    """The stack's provider is not one that Pulumi deploys to."""


class Deployment:
    """What is being made of a `plan`: each component once, whoever asks for it first.

    `prepared` is what the provider has prepared, such as its bundles. `deployment["Orders"]` is the component of the
    resource of that name, whose `nodes` are its Pulumi resources.
    """

    def __init__(self, plan: Plan, prepared: Any = None) -> None:
        self.plan = plan
        self.prepared = prepared
        self._made: dict[int, Any] = {}
        self._shared: dict[Hashable, Any] = {}

    @property
    def provider(self) -> str:
        """The provider's name."""
        return self.plan.target.provider

    def physical(self, resource: Resource) -> str:
        """Return the fixed name that a resource has."""
        plan = self.plan
        return plan.provider.physical_name(plan.app, plan.target, resource.kind, resource.name)

    def component(self, resource: Resource) -> Any:
        """Return the component of a declared resource, made now if nobody has asked for it before."""
        if id(resource) not in self._made:
            self._made[id(resource)] = self.plan.provider.components[resource.kind](resource, self)
        return self._made[id(resource)]

    def begun(self, resource: Resource, component: object) -> None:
        """Remember a component that is still being made: what it has by now may be needed by others that it needs."""
        self._made[id(resource)] = component

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returned when it was first called for `key`: what several components share."""
        if key not in self._shared:
            self._shared[key] = make()
        shared: T = self._shared[key]
        return shared

    def __getitem__(self, name: str) -> Any:
        for resource in self.plan.resources:
            if resource.name == name:
                return self.component(resource)
        known = [resource.name for resource in self.plan.resources]
        raise KeyError(f"the app declares no {name!r}: {did_you_mean(name, known)}")

    def make(self) -> None:
        """Make everything: a component of each resource, and of each subscription."""
        for resource in self.plan.resources:
            self.component(resource)
        for subscription in self.plan.app.subscriptions:
            self.plan.provider.components["subscription"](subscription, self)

    def outputs(self) -> Mapping[str, Any]:
        """Return what the app shows after a deployment, by name."""
        return {name: self._output(value) for name, value in self.plan.app.outputs.items()}

    def _output(self, value: Any) -> Any:
        if isinstance(value, Deployed):
            return getattr(self.component(value.resource), value.property)
        return self.physical(value) if isinstance(value, Resource) else value


def target_of(stack: str) -> Target:
    """Return the target of a stack: the provider before the first hyphen of its name, the stage after it."""
    provider, dash, stage = stack.partition("-")
    if not (provider and dash and stage):
        known = ", ".join(installed())
        raise StackNameError(f"the stack is named {stack!r}; name it <provider>-<stage> (installed providers: {known})")
    return Target(provider=provider, stage=stage)


def deploy(declare: Callable[[Target], App], *, extensions: str = "infra") -> None:
    """Make the app of the running stack: plan it, refuse it with every problem, or create it and export its outputs.

    Where the package `extensions` has a module named as the provider is, its `extend(deployment)` runs last: a place
    for raw Pulumi. What cannot be is told by Pulumi without a traceback, before anything is created.
    """
    try:
        import pulumi
    except ImportError as error:
        raise MissingExtraError("pulumi", "deploy") from error
    try:
        deployment = prepare(declare, pulumi.get_stack())
        deployment.make()
        _extend(deployment, extensions)
    except IsthmusError as error:
        raise pulumi.RunError(str(error)) from error
    for name, value in deployment.outputs().items():
        pulumi.export(name, value)


def prepare(declare: Callable[[Target], App], stack: str) -> Deployment:
    """Return the deployment of a stack: everything that can fail before something is created has been done."""
    target = target_of(stack)
    provider = find(target.provider)
    if not provider.components:
        raise NotDeployedError(
            f"{provider.name} runs with `isthmus dev`; nothing of it is deployed by Pulumi. "
            f"To deploy, name the stack after a cloud's provider (installed: {', '.join(installed())}), "
            "or install one: pip install 'isthmus[NAME]'"
        )
    target = provider.located(target)
    planned = plan(declare(target), target, provider)
    planned.check()
    return Deployment(planned, provider.prepare(planned))


def _extend(deployment: Deployment, package: str) -> None:
    name = f"{package}.{deployment.provider}"
    if package in sys.modules and find_spec(name):
        import_module(name).extend(deployment)
