"""A warm HTTP event on Lambda, against a function by hand and powertools' resolver.

The function by hand is compared from text to text, as Lambda's runtime client invokes a function. The reading and the
writing of that JSON takes longer than any of the functions, so powertools' resolver is compared by the calls alone;
how much quicker than it a function by hand can be is told beside.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks import peers
from benchmarks.aws import by_hand, events
from benchmarks.aws.function import Handle, call, invocation, isthmus
from benchmarks.aws.powertools import resolver
from benchmarks.measure import in_turns, per_call, ratio, verdict

CALLS = 400
ROUNDS = 25
MANY = 20
"""Routes of the larger api; its functions stand in the middle, and one function of ours answers for all of it."""


def main() -> bool:
    """Print the ratios, from the environment that has the peers."""
    return peers.succeeds("benchmarks.aws.dispatch")


def measured() -> bool:
    """Print the ratios."""
    get_user, create = "benchmarks.handlers.get_user", "benchmarks.handlers.create"
    api, alone, many = isthmus("http", routes=_routes(get_user, create)), resolver(0), resolver(MANY - 2)
    met = [
        _compared("GET", events.get(), [by_hand.get_user, isthmus("http", get_user), alone], 2.0, 6.0),
        _compared("POST", events.post(), [by_hand.create, isthmus("http", create), alone], 1.5, 4.0),
        _compared(f"GET among {MANY}", events.get(), [by_hand.get_user, api, many], 2.0, 6.0),
        _compared(f"POST among {MANY}", events.post(), [by_hand.create, api, many], 1.5, 4.0),
    ]
    return all(met)


def _routes(get_user: str, create: str) -> Mapping[str, str]:
    half = (MANY - 2) // 2
    others = [(f"GET /things{number}/{{id}}", get_user) for number in range(MANY - 2)]
    return dict([*others[:half], ("GET /users/{id}", get_user), ("POST /orders", create), *others[half:]])


def _compared(name: str, event: bytes, handles: list[Handle], at_most: float, at_least: float) -> bool:
    """Print how long one event takes by hand, us and powertools, and the ratios with their targets."""
    functions = dict(zip(("by hand", "isthmus", "powertools"), handles, strict=True))
    invocations = {who: invocation(handle, event) for who, handle in functions.items()}
    _check_alike(invocations)
    whole = _times(f"{name}, text to text", invocations)
    calls = _times(f"{name}, the call alone", {who: call(handle, event) for who, handle in functions.items()})
    limit = ratio(calls["powertools"], calls["by hand"])
    met = [
        verdict(f"{name} / hand-written", ratio(whole["isthmus"], whole["by hand"]), at_most=at_most),
        verdict(
            f"powertools / {name} (hand-written: {limit:.1f})",
            ratio(calls["powertools"], calls["isthmus"]),
            at_least=at_least,
        ),
    ]
    return all(met)


def _times(what: str, candidates: Mapping[str, Callable[[], Any]]) -> Mapping[str, list[float]]:
    times = in_turns({who: _timed(candidate) for who, candidate in candidates.items()}, ROUNDS)
    print(f"{what}: " + ", ".join(f"{who} {min(best) * 1e6:.1f} us" for who, best in times.items()))
    return times


def _timed(candidate: Callable[[], Any]) -> Callable[[], float]:
    return lambda: per_call(candidate, CALLS)


def _check_alike(invocations: Mapping[str, Callable[[], str]]) -> None:
    answers = {who: _meaning(json.loads(invoke())) for who, invoke in invocations.items()}
    for who, answer in answers.items():
        if answer != answers["by hand"]:
            raise AssertionError(f"{who} answers {answer}, not {answers['by hand']}")


def _meaning(answer: Mapping[str, Any]) -> tuple[int, str, Any]:
    """Return the status, the content type and the document of an answer, however it writes its headers."""
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    return answer["statusCode"], headers["content-type"], json.loads(answer["body"])


if __name__ == "__main__":
    sys.exit(not measured())
