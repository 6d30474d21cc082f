"""Errors: what is raised, caught and retried, and what an execution tells of it."""

from __future__ import annotations

import json

import pytest

from tests.emulators.gcp.workflows.http_calls import BrokenError, HttpRequest, HttpResponse, json_response
from tests.emulators.gcp.workflows.ran import answered, ran


def test_a_raised_string_is_the_payload() -> None:
    outcome = ran('- init: {assign: [{x: 1}]}\n- fail: {raise: "went wrong"}\n')

    assert outcome.state == "FAILED"
    assert outcome.error == {
        "payload": '"went wrong"',
        "context": 'RuntimeError: "went wrong"\nin step "fail", routine "main", line: 2',
    }


def test_a_raised_map_keeps_all_that_it_has() -> None:
    outcome = ran("- fail: {raise: {code: 55, message: no, tags: [Mine], more: {a: [1]}}}")

    assert outcome.raised == {"code": 55, "message": "no", "tags": ["Mine"], "more": {"a": [1]}}


def test_an_error_of_the_language_has_message_and_tags() -> None:
    outcome = ran('- check: {assign: [{x: \'${"a" in "b"}\'}]}')

    assert outcome.raised == {
        "message": "The argument of 'in' must be a dict or an array; got: string",
        "tags": ["TypeError"],
    }
    assert outcome.error is not None
    assert outcome.error["context"].startswith("The argument of 'in' must be a dict or an array; got: string\nin step")


def test_the_trace_names_each_routine_from_the_inside_out() -> None:
    outcome = ran("main: {steps: [{a: {call: f}}]}\nf: {steps: [{b: {steps: [{c: {raise: no}}]}}]}")

    assert outcome.error is not None
    assert outcome.error["context"].splitlines()[1:] == [
        'in step "c", routine "f", line: 2',
        'in step "a", routine "main", line: 1',
    ]


def test_a_caught_error_is_what_was_raised() -> None:
    source = """
- a:
    try: {steps: [{b: {raise: {code: 1}}}]}
    except: {as: e, steps: [{c: {assign: [{got: '${e}'}]}}, {d: {raise: '${got}'}}]}
"""
    assert ran(source).raised == {"code": 1}


def test_an_error_in_a_handler_is_not_caught_by_it() -> None:
    source = """
- a:
    try: {raise: first}
    except: {as: e, steps: [{c: {raise: '${e + " second"}'}}]}
"""
    assert ran(source).raised == "first second"


RETRIED = """
main:
  steps:
  - a:
      try:
        steps:
        - log: {call: sys.log, args: {data: try}}
        - get: {call: http.get, args: {url: 'http://a/b'}, result: r}
      retry: POLICY
      except: {as: e, steps: [{c: {return: '${e.tags[0]}'}}]}
  - d: {return: '${r.body}'}
mine:
  params: [e]
  steps:
  - s: {switch: [{condition: '${"HttpError" in e.tags}', return: '${e.code == 418}'}]}
  - t: {return: false}
"""
WHOLE = "{predicate: PREDICATE, max_retries: 3, backoff: {initial_delay: 2, max_delay: 5, multiplier: 2}}"


def policy(predicate: str) -> str:
    return RETRIED.replace("POLICY", WHOLE.replace("PREDICATE", f"'${{{predicate}}}'"))


def test_a_whole_try_is_retried_after_waits_that_grow_up_to_the_longest() -> None:
    outcome = answered(policy("mine"), lambda _: HttpResponse(418))

    assert outcome.value == "HttpError"
    assert len(outcome.logs) == 4
    assert outcome.seconds == 2 + 4 + 5


def test_a_retry_that_succeeds_goes_on() -> None:
    answers = [HttpResponse(418), json_response({"ok": True})]
    outcome = answered(policy("mine"), lambda _: answers.pop(0))

    assert outcome.value == {"ok": True}
    assert outcome.seconds == 2


def test_what_the_predicate_refuses_is_not_retried() -> None:
    outcome = answered(policy("mine"), lambda _: HttpResponse(404))

    assert (outcome.value, len(outcome.logs)) == ("HttpError", 1)


@pytest.mark.parametrize(
    ("name", "retried"),
    [
        ("http.default_retry_predicate", {429, 502, 503, 504}),
        ("http.default_retry_predicate_non_idempotent", {429, 503}),
        ("retry.always", {404, 429, 500, 502, 503, 504}),
    ],
)
def test_a_predicate_of_the_library_goes_by_the_status(name: str, retried: set[int]) -> None:
    def attempts(status: int) -> int:
        return len(answered(policy(name), lambda _: HttpResponse(status)).logs)

    assert {status for status in (404, 429, 500, 502, 503, 504) if attempts(status) == 4} == retried


def test_a_default_policy_retries_five_times() -> None:
    def broken(request: HttpRequest) -> HttpResponse:
        raise BrokenError(request.url)

    outcome = answered(RETRIED.replace("POLICY", "'${http.default_retry}'"), broken)

    assert (outcome.value, len(outcome.logs)) == ("ConnectionError", 6)
    assert outcome.seconds == pytest.approx(1 + 1.25 + 1.25**2 + 1.25**3 + 1.25**4)


def test_a_predicate_that_returns_no_boolean_is_a_type_error() -> None:
    source = policy("mine").replace("return: '${e.code == 418}'", "return: 1")

    assert answered(source, lambda _: HttpResponse(500)).value == "TypeError"


def test_a_result_that_is_no_json_fails() -> None:
    assert ran("- a: {return: '${text.encode(\"a\")}'}").raised["tags"] == ["ValueError"]


def test_the_payload_is_json_text() -> None:
    error = ran("- a: {raise: {z: 'é', a: 1.5}}").error

    assert error is not None
    assert error["payload"] == '{"a":1.5,"z":"é"}'
    assert json.loads(error["payload"]) == {"a": 1.5, "z": "é"}
