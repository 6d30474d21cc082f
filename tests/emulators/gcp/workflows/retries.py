"""When a try is done again.

- `http.default_retry` and `http.default_retry_non_idempotent` are whole policies; or a predicate, `max_retries` and a
  `backoff` are named. https://cloud.google.com/workflows/docs/reference/syntax/retrying
- The idempotent predicate retries 429, 502, 503 and 504, `ConnectionError`, `ConnectionFailedError` and
  `TimeoutError`. https://cloud.google.com/workflows/docs/reference/stdlib/http/default_retry_predicate
- The other one 429 and 503, and `ConnectionFailedError`.
  https://cloud.google.com/workflows/docs/reference/stdlib/http/default_retry_predicate_non_idempotent
- A default policy retries five times. https://cloud.google.com/workflows/docs/reference/stdlib/http/default_retry
- It waits 1 second, then 1.25 times as long each time, up to 60 seconds (the numbers are from memory).
  https://cloud.google.com/workflows/docs/reference/stdlib/retry/default_backoff
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.emulators.gcp.workflows.lexer import ExpressionError
from tests.emulators.gcp.workflows.steps import Retry
from tests.emulators.gcp.workflows.syntax import Variable
from tests.emulators.gcp.workflows.templates import expression, is_expression, template
from tests.emulators.gcp.workflows.values import is_list, is_map

BACKOFF: Mapping[str, Any] = {"initial_delay": 1, "max_delay": 60, "multiplier": 1.25}
POLICIES = {
    "${http.default_retry}": "http.default_retry_predicate",
    "${http.default_retry_non_idempotent}": "http.default_retry_predicate_non_idempotent",
}
RETRIED: Mapping[str, tuple[frozenset[int], frozenset[str]]] = {
    "http.default_retry_predicate": (
        frozenset({429, 502, 503, 504}),
        frozenset({"ConnectionError", "ConnectionFailedError", "TimeoutError"}),
    ),
    "http.default_retry_predicate_non_idempotent": (frozenset({429, 503}), frozenset({"ConnectionFailedError"})),
}
"""Predicate → the statuses and the tags that it retries."""

ALWAYS = "retry.always"


def retry(given: Any) -> Retry:
    """Read a policy; `ExpressionError` where it is none."""
    if isinstance(given, str) and given in POLICIES:
        given = {"predicate": f"${{{POLICIES[given]}}}", "max_retries": 5, "backoff": BACKOFF}
    if not is_map(given) or set(given) != {"predicate", "max_retries", "backoff"}:
        raise ExpressionError("'retry' is a default policy, or has 'predicate', 'max_retries' and 'backoff'")
    backoff: Any = BACKOFF if given["backoff"] == "${retry.default_backoff}" else given["backoff"]
    if not is_map(backoff) or set(backoff) != set(BACKOFF):
        raise ExpressionError(f"'backoff' has {', '.join(BACKOFF)}")
    waits = {name: template(value) for name, value in backoff.items()}
    return Retry(_predicate(given["predicate"]), template(given["max_retries"]), **waits)


def _predicate(given: Any) -> str:
    """Return the name of a predicate of the library, or of a subworkflow."""
    if not is_expression(given):
        raise ExpressionError("'predicate' is an expression that names a predicate")
    name = str(given)[2:-1].strip()
    if name in RETRIED or name == ALWAYS:
        return name
    node = expression(given)
    if not isinstance(node, Variable):
        raise ExpressionError(f"{name!r} is no predicate")
    return node.name


def matches(predicate: str, error: Any) -> bool:
    """Whether a predicate of the library retries an error."""
    if predicate == ALWAYS:
        return True
    codes, tags = RETRIED[predicate]
    told: Mapping[str, Any] = error if is_map(error) else {}
    found: Any = told.get("tags")
    has: list[Any] = found if is_list(found) else []
    return any(tag in tuple(tags) for tag in has) or ("HttpError" in has and told.get("code") in tuple(codes))
