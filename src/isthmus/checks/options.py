"""Values that make no sense on any provider: of a wrong type, negative, or contradicting each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING
from typing import Any, Literal

from isthmus.annotations import conforms, says
from isthmus.capabilities import subscribe_options
from isthmus.checks.draft import Draft, label, mistyped
from isthmus.declarations.api import METHODS, Api, Cors
from isthmus.declarations.function import Function
from isthmus.declarations.options import did_you_mean
from isthmus.declarations.problem import Problem
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Deployed, Grant, Resource
from isthmus.declarations.subscription import Subscription
from isthmus.declarations.unknown import Unknown
from isthmus.shapes import is_number, shown

_AT_LEAST_1 = frozenset(
    {"memory", "concurrency", "max_attempts", "retention", "shards", "batch_size", "max_concurrency", "body_limit"}
)
_ABOVE_0 = frozenset({"timeout", "visibility_timeout"})
_TAGS = Mapping[str, str]


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the options whose values make no sense."""
    yield from _app(draft)
    for resource in draft.resources:
        yield from _values(resource, label(resource), resource.where)
        if isinstance(resource, Api) and isinstance(resource.cors, Cors):
            yield from _values(resource.cors, f"cors of {label(resource)}", resource.where)
            yield from _cors(draft.sound(resource.cors), resource)
    for subscription in draft.app.subscriptions:
        told = frozenset(subscribe_options(type(subscription.source)))  # the rest is the source's own
        yield from _values(subscription, f"subscription to {label(subscription.source)}", subscription.where, told)
    yield from _contradictions(draft)


def sensible(name: str, value: float) -> bool:
    """Return whether a number is within what any provider could take."""
    return value >= 1 if name in _AT_LEAST_1 else value > 0 if name in _ABOVE_0 else value >= 0


def _values(
    declaration: Resource | Subscription | Cors, what: str, where: str, told: frozenset[str] | None = None
) -> Iterator[Problem]:
    wrong = [(option, kind) for option, kind in mistyped(declaration) if told is None or option.name in told]
    for option, annotation in wrong:
        value = getattr(declaration, option.name)
        required = option.default is MISSING and option.default_factory is MISSING
        if isinstance(value, Unknown):
            continue
        if value is None and required:
            yield Problem(where, f"{what} needs {option.name}: {says(annotation)}")
        else:
            yield Problem(where, f"{what}: {option.name} must be {says(annotation)}, not {shown(value)}")
    skipped = {option.name for option, _ in wrong}
    for name, value in _numbers(declaration):
        if name not in skipped and (told is None or name in told) and not sensible(name, value):
            least = "at least 1" if name in _AT_LEAST_1 else "above 0" if name in _ABOVE_0 else "at least 0"
            yield Problem(where, f"{what}: {name} must be {least}, not {shown(value)}")


def _numbers(declaration: Any) -> Iterator[tuple[str, float]]:
    for name in declaration.__dataclass_fields__:
        value = getattr(declaration, name)
        if is_number(value):
            yield name, value


def _app(draft: Draft) -> Iterator[Problem]:
    app = draft.app
    if not conforms(app.removal, Literal["remove", "retain"]):
        yield Problem(app.where, f"the app's removal must be 'remove' or 'retain', not {shown(app.removal)}")
    if not conforms(app.tags, _TAGS):
        yield Problem(app.where, f"the app's tags must be {says(_TAGS)}, not {shown(app.tags)}")
    for name, value in app.outputs.items():
        if isinstance(value, Grant):
            known = ", ".join(f"{value.resource.name}.url" for _ in [0] if isinstance(value.resource, Api))
            what = f"output {name!r}: {label(value.resource)} has no property {'.'.join(value.verbs)!r}"
            yield Problem(app.where, f"{what}; it has: {known or 'none'}")
        elif not isinstance(value, Deployed | Resource | Unknown | str | int | float | bool | list | dict | None):
            yield Problem(app.where, f"output {name!r} must be text, a number or such, not {shown(value)}")


def _cors(cors: Cors, api: Api) -> Iterator[Problem]:
    what = f"cors of {label(api)}"
    if not cors.origins:
        yield Problem(api.where, f"{what} allows no origin: name them, or leave cors out")
    if cors.credentials and "*" in cors.origins:
        yield Problem(api.where, f"{what}: browsers refuse credentials with origin '*': name the origins")
    for origin in cors.origins:
        if origin != "*" and not _is_origin(origin):
            yield Problem(api.where, f"{what}: {shown(origin)} is no origin: it reads like 'https://example.com'")
    for method in cors.methods:
        if method not in METHODS or method == "ANY":
            yield Problem(api.where, f"{what}: no method is {shown(method)}: {did_you_mean(method.upper(), METHODS)}")


def _is_origin(origin: str) -> bool:
    scheme, separator, host = origin.partition("://")
    return scheme in ("http", "https") and bool(separator) and bool(host) and not set(host) & set("/?#@ ")


def _contradictions(draft: Draft) -> Iterator[Problem]:
    for queue in draft.of(Queue):
        if queue.max_retry_delay < queue.retry_delay:
            longer = f"max_retry_delay ({queue.max_retry_delay} s) is below retry_delay ({queue.retry_delay} s)"
            yield Problem(queue.where, f"{label(queue)}: {longer}")
        for name, seconds in (("delay", queue.delay), ("visibility_timeout", queue.visibility_timeout)):
            if 1 <= queue.retention <= seconds:
                lost = f"a message would be gone after its retention ({queue.retention} s), before its {name} ends"
                yield Problem(queue.where, f"{label(queue)}: {lost} ({seconds} s)")
    for function in draft.of(Function):
        if function.concurrency is not None and 1 <= function.concurrency < function.min_instances:
            more = f"min_instances ({function.min_instances}) is above concurrency ({function.concurrency})"
            yield Problem(function.where, f"{label(function)}: {more}")
