"""Timeouts that cannot fit into each other, and concurrency that cannot be had."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.api import Api
from isthmus.declarations.function import Function
from isthmus.declarations.problem import Problem
from isthmus.declarations.queue import Queue
from isthmus.declarations.subscription import Subscription


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the timeouts and concurrencies that do not fit."""
    yield from _functions(draft)
    yield from _routes(draft)
    for subscription, function in draft.deliveries:
        yield from _concurrency(subscription, function)
        if isinstance(subscription.source, Queue):
            yield from _visibility(draft, subscription, draft.sound(subscription.source), function)


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield the visibility timeouts that fit, but are shorter than the provider advises."""
    factor = draft.limits.visibility_factor
    for subscription, function in draft.deliveries:
        if isinstance(subscription.source, Queue):
            queue = draft.sound(subscription.source)
            advised = factor * function.timeout + subscription.batch_window
            if function.timeout + subscription.batch_window <= queue.visibility_timeout < advised:
                short = f"{draft.target.provider} advises a visibility_timeout of {advised:g} s"
                why = f"{factor:g} times the timeout of {label(function)}, and its batch window"
                yield Problem(queue.where, f"{label(queue)}: {short} ({why}), not {queue.visibility_timeout:g} s")


def _functions(draft: Draft) -> Iterator[Problem]:
    most = draft.limits.function_timeout
    for function in draft.of(Function):
        if most is not None and function.timeout > most:
            yield Problem(
                function.where,
                f"{label(function)}: timeout is {function.timeout:g} s, and {draft.target.provider} ends a function "
                f"after {most:g} s: do less at once, or start the rest through a queue",
            )


def _routes(draft: Draft) -> Iterator[Problem]:
    most = draft.limits.api_timeout
    for api in draft.of(Api):
        for route in api.routes:
            function = draft.sound(route.function)
            if most is not None and function.timeout > most:
                yield Problem(
                    route.where,
                    f"route '{route.method} {route.path}': {label(function)} has a timeout of {function.timeout:g} s, "
                    f"and an api of {draft.target.provider} answers after {most:g} s at the latest: "
                    f"set timeout={most:g}, or answer at once and leave the work to a queue",
                )


def _visibility(draft: Draft, subscription: Subscription, queue: Queue, function: Function) -> Iterator[Problem]:
    needed = function.timeout + subscription.batch_window
    if needed > queue.visibility_timeout:
        window = (
            f" and collects for {subscription.batch_window:g} s (batch_window)" if subscription.batch_window else ""
        )
        advised = draft.limits.visibility_factor * function.timeout + subscription.batch_window
        yield Problem(
            subscription.where,
            f"{label(function)} may run for {function.timeout:g} s{window}, and {label(queue)} delivers a message "
            f"again after {queue.visibility_timeout:g} s: "
            f"set visibility_timeout={max(needed, advised):g}, or a shorter timeout",
        )


def _concurrency(subscription: Subscription, function: Function) -> Iterator[Problem]:
    wanted, most = subscription.max_concurrency, function.concurrency
    if wanted is not None and most is not None and wanted > most:
        yield Problem(
            subscription.where,
            f"max_concurrency of {label(subscription.source)} is {wanted}, and {label(function)} runs {most} at once "
            f"(concurrency): lower the one or raise the other",
        )
