from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from copy import copy

import pytest

from isthmus.envelope import Envelope
from isthmus.invocations import Invocations
from isthmus.links import Identity

IDENTITY = Identity(app="shop", stage="dev", provider="fake", function="Create", timeout=30)


def test_a_context_tells_who_the_function_is_and_what_rode_with_the_event() -> None:
    envelope = Envelope(correlation_id="c-1", traceparent="00-t-s-01")
    context = Invocations(IDENTITY).context(envelope, request_id="r-1", attempt=2, raw="raw")

    assert (context.app, context.stage, context.provider, context.function) == ("shop", "dev", "fake", "Create")
    assert (context.request_id, context.correlation_id, context.traceparent) == ("r-1", "c-1", "00-t-s-01")
    assert (context.attempt, context.raw) == (2, "raw")


def test_the_first_invocation_alone_is_a_cold_start() -> None:
    invocations = Invocations(IDENTITY)

    assert [invocations.context(Envelope()).cold_start for _ in range(3)] == [True, False, False]


def test_an_event_without_ids_gets_one_that_starts_a_correlation() -> None:
    invocations = Invocations(IDENTITY)
    first, second = invocations.context(Envelope()), invocations.context(Envelope())

    assert len(first.request_id) == 32
    assert first.correlation_id == first.request_id
    assert first.request_id != second.request_id


def test_all_threads_of_a_handler_see_the_same_ids() -> None:
    contexts = [Invocations(IDENTITY).context(Envelope()) for _ in range(50)]

    def ids(_: int) -> list[tuple[str, str]]:
        return [(context.correlation_id, context.request_id) for context in contexts]

    with ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(ids, range(8)))

    assert all(found == seen[0] for found in seen)
    assert len({request for _, request in seen[0]}) == len(contexts)


def test_a_context_says_nothing_of_what_it_has_not() -> None:
    with pytest.raises(AttributeError, match="'colour'"):
        _ = getattr(Invocations(IDENTITY).context(Envelope()), "colour")  # noqa: B009 - no type has it


def test_the_time_that_remains_is_the_functions_timeout_unless_the_provider_tells() -> None:
    invocations = Invocations(IDENTITY)

    assert 29 < invocations.context(Envelope()).remaining() <= 30
    assert 4 < invocations.context(Envelope(), deadline=time.time() + 5).remaining() <= 5
    assert invocations.context(Envelope(), deadline=0).remaining() == 0


def test_the_contexts_of_a_batch_tell_what_each_event_brought_and_what_is_the_same_for_all() -> None:
    context_of = Invocations(IDENTITY).each(deadline=7.0, raw="raw")
    first, second = context_of(Envelope(correlation_id="c-1", traceparent="00-t-s-01"), 2), context_of(Envelope(), 1)

    assert (first.correlation_id, first.traceparent, first.attempt) == ("c-1", "00-t-s-01", 2)
    assert (second.correlation_id, second.traceparent, second.attempt) == (second.request_id, "", 1)
    assert len({first.request_id, second.request_id}) == 2
    for context in (first, second):
        assert (context.app, context.stage, context.provider, context.function) == ("shop", "dev", "fake", "Create")
        assert (context.deadline, context.raw) == (7.0, "raw")


def test_the_first_event_of_the_first_batch_alone_is_a_cold_start() -> None:
    invocations = Invocations(IDENTITY)
    invocations.each(deadline=7.0, raw=None)  # without an event
    context_of = invocations.each(deadline=7.0, raw=None)
    contexts = [context_of(Envelope(), 1), context_of(Envelope(), 1), invocations.context(Envelope())]

    assert [context.cold_start for context in contexts] == [True, False, False]
    assert not invocations.each(deadline=7.0, raw=None)(Envelope(), 1).cold_start


def test_what_a_handler_changes_of_its_context_is_not_seen_by_the_next_of_the_batch() -> None:
    context_of = Invocations(IDENTITY).each(deadline=7.0, raw=None)
    first, second = context_of(Envelope(), 1), context_of(Envelope(), 1)
    first.stage = "mine"
    first.correlation_id = "mine"

    assert (second.stage, second.correlation_id) == ("dev", second.request_id)
    assert context_of(Envelope(), 1).stage == "dev"


def test_a_copy_of_a_batchs_context_is_the_same_invocation() -> None:
    context = Invocations(IDENTITY).each(deadline=7.0, raw=None)(Envelope(correlation_id="c-1"), 3)
    copied = copy(context)

    assert (copied.correlation_id, copied.attempt, copied.function) == ("c-1", 3, "Create")


def test_all_threads_of_a_batchs_handler_see_the_same_ids() -> None:
    context_of = Invocations(IDENTITY).each(deadline=7.0, raw=None)
    contexts = [context_of(Envelope(), 1) for _ in range(50)]

    def ids(_: int) -> list[tuple[str, str]]:
        return [(context.correlation_id, context.request_id) for context in contexts]

    with ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(ids, range(8)))

    assert all(found == seen[0] for found in seen)
    assert len({request for _, request in seen[0]}) == len(contexts)
