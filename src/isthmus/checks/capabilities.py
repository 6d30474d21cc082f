"""What the provider cannot do, of what the app asks for: the reason, and what to do instead."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from isthmus.capabilities import (
    GUARANTEES,
    Between,
    Ignored,
    OneOf,
    Support,
    Unsupported,
    options,
    subscribe_options,
)
from isthmus.checks.draft import Draft, label
from isthmus.checks.options import sensible
from isthmus.declarations.api import Api, Cors
from isthmus.declarations.problem import Problem
from isthmus.declarations.resource import Resource
from isthmus.declarations.subscription import Subscription
from isthmus.declarations.topic import Topic
from isthmus.filters import operators
from isthmus.shapes import is_number, shown


class Use:
    """One use of a feature: where, by what, and with which value if it is an option."""

    __slots__ = ("by", "default", "feature", "value", "where")

    def __init__(self, feature: str, by: str, where: str, *, value: Any = None, default: Any = ...) -> None:
        self.feature = feature
        self.by = by
        self.where = where
        self.value = value
        self.default = default

    @property
    def chosen(self) -> bool:
        """Whether somebody asked for it: every use but an option that has its default."""
        return self.default is ... or self.value != self.default


def check(draft: Draft) -> Iterator[Problem]:
    """Yield what the provider refuses."""
    for use in _uses(draft):
        fault = _refusal(draft.provider.capabilities.support(use.feature), use)
        if fault:
            yield Problem(use.where, f"{use.by}: {draft.target.provider} has no {use.feature}{fault}")


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield what the provider takes and ignores, and what it does not guarantee, each once."""
    ignored: dict[str, list[Use]] = {}
    for use in _uses(draft):
        support = draft.provider.capabilities.support(use.feature)
        if isinstance(support, Ignored) and use.chosen:
            ignored.setdefault(use.feature, []).append(use)
    for feature, uses in ignored.items():
        support = draft.provider.capabilities.support(feature)
        by = f"{uses[0].by} and {len(uses) - 1} more" if len(uses) > 1 else uses[0].by
        yield Problem(uses[0].where, f"{by}: {draft.target.provider} ignores {feature}: {_reason(support)}")
    yield from _not_guaranteed(draft)


def _not_guaranteed(draft: Draft) -> Iterator[Problem]:
    used = {resource.kind for resource in draft.used}
    heard = {subscription.source.kind for subscription in draft.app.subscriptions}
    for guarantee in GUARANTEES:
        support = draft.provider.capabilities.support(guarantee)
        kind, _, what = guarantee.partition(".")
        kinds = heard if what.startswith("changes.") else used  # nobody misses what nobody hears of
        if kind in kinds and isinstance(support, Unsupported | Ignored):
            yield Problem("", f"{draft.target.provider} does not promise {guarantee}: {_reason(support)}")


def _uses(draft: Draft) -> Iterator[Use]:
    for resource in draft.used:
        yield Use(resource.kind, label(resource), resource.where)
        yield from _options(draft.sound(resource))
        if isinstance(resource, Api) and isinstance(resource.cors, Cors):
            yield from _fields(draft.sound(resource.cors), "api.cors", label(resource), resource.where)
    for subscription in draft.app.subscriptions:
        yield from _subscription(draft.sound(subscription))
    for function in draft.functions:
        for kind in sorted(draft.triggers(function)):
            yield Use(f"event.{kind}", label(function), function.where)


def _options(resource: Resource) -> Iterator[Use]:
    wanted = options(type(resource))
    for use in _fields(resource, resource.kind, label(resource), resource.where):
        if use.feature.removeprefix(f"{resource.kind}.") in wanted:
            yield use


def _fields(declaration: Any, prefix: str, by: str, where: str) -> Iterator[Use]:
    for option in fields(declaration):
        default = option.default_factory() if callable(option.default_factory) else option.default
        yield Use(f"{prefix}.{option.name}", by, where, value=getattr(declaration, option.name), default=default)


def _subscription(subscription: Subscription) -> Iterator[Use]:
    source = subscription.source
    by = f"subscription to {label(source)}"
    for name, default in _subscribe_defaults(type(source)).items():
        value = getattr(subscription, name)
        yield Use(f"{source.kind}.subscribe.{name}", by, subscription.where, value=value, default=default)
    if isinstance(source, Topic):
        for operator in sorted(operators(subscription.filter)):
            yield Use(f"filter.{operator}", by, subscription.where)


def _subscribe_defaults(kind: Any) -> dict[str, Any]:
    names = subscribe_options(kind)
    return {name: inspect.signature(kind.subscribe).parameters[name].default for name in names}


def _refusal(support: Support, use: Use) -> str:
    match support:
        case Unsupported(reason, alternative) if use.chosen:
            return f": {reason}{'; ' + alternative if alternative else ''}"
        case OneOf(values, reason) if use.value not in values and use.value is not None:
            return f" of {shown(use.value)}: {', '.join(map(shown, values))} only{_because(reason)}"
        case Between() if is_number(use.value) and sensible(use.feature.rpartition(".")[2], use.value):
            return _out_of_bounds(support, use.value)
        case _:
            return ""


def _out_of_bounds(support: Between, value: float) -> str:
    unit = f" {support.unit}" if support.unit else ""
    if value < support.low:
        return f" of {shown(value)}: it is {support.low:.12g}{unit} at least{_because(support.reason)}"
    if support.high is not None and value > support.high:
        return f" of {shown(value)}: it is {support.high:.12g}{unit} at most{_because(support.reason)}"
    return ""


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _reason(support: Support) -> str:
    return support.reason if isinstance(support, Ignored | Unsupported) else ""
