"""What is due when: waits, the time limits of tasks and executions, heartbeats; results that are late or come twice."""

from __future__ import annotations

from typing import Any, cast

import pytest

from isthmus.workflows.frames import Call, Cancel, Effect, Ended, HistoryEvent, Sleep
from isthmus.workflows.interpreter.moments import read, written
from isthmus.workflows.interpreter.runner import Late, Runner
from tests.core.workflows.interpreter.worlds import STARTED, Tasks, failing, inner, run, runner, task, types

CALLBACK = "work.waitForTaskToken"


def of(kind: type[Any], effects: list[Effect]) -> list[Any]:
    return [effect for effect in effects if isinstance(effect, kind)]


def begun(states: dict[str, Any], **fields: Any) -> tuple[Runner, list[Effect]]:
    made = runner(states, {}, **fields)
    return made, made.interpreter.begin(made.ledger)


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"Seconds": 7}, 7),
        ({"Seconds": 0}, 0),
        ({"SecondsPath": "$.n"}, 5),
        ({"Timestamp": "2023-11-14T22:13:30Z"}, 10),
        ({"Timestamp": "2023-11-14T23:13:30.500+01:00"}, 10.5),
        ({"TimestampPath": "$.t"}, 60),
        ({"Timestamp": "2001-01-01T00:00:00Z"}, 0),
        ({"QueryLanguage": "JSONata", "Seconds": "{% $states.input.n * 2 %}"}, 10),
    ],
)
def test_a_wait_lasts_as_long_as_it_says(fields: dict[str, Any], seconds: float) -> None:
    outcome = run({"W": {"Type": "Wait", **fields, "End": True}}, {"n": 5, "t": "2023-11-14T22:14:20Z"})

    assert (outcome.status, outcome.seconds) == ("SUCCEEDED", seconds)


@pytest.mark.parametrize(
    "value", [-1, "soon", None, 1.5, {}, True, "2023-11-14", "2023-11-14T22:13:30", "2023-99-14T22:13:30Z"]
)
@pytest.mark.parametrize("field", ["SecondsPath", "TimestampPath"])
def test_a_wait_for_no_time_fails(field: str, value: Any) -> None:
    outcome = run({"W": {"Type": "Wait", field: "$.n", "End": True}}, {"n": value})

    assert (outcome.status, outcome.error) == ("FAILED", "States.Runtime")


@pytest.mark.parametrize(
    "text", ["2024-02-30T00:00:00Z", "2024-01-01 00:00:00Z", "0000-01-01T00:00:00Z", "٢024-01-01T00:00:00Z", 7]
)
def test_what_is_no_timestamp_is_none(text: Any) -> None:
    assert read(text) is None


def test_moments_are_written_to_the_millisecond() -> None:
    assert written(1_700_000_000.9996) == "2023-11-14T22:13:20.999Z"
    assert read(written(1_700_000_000.25)) == 1_700_000_000.25


def test_a_task_that_takes_too_long_times_out_and_is_cancelled() -> None:
    made, effects = begun({"A": task(TimeoutSeconds=10)})
    (call,), (sleep,) = of(Call, effects), of(Sleep, effects)

    made.now += 10
    after = made.interpreter.wake(made.ledger, call.frame)

    assert sleep.until == STARTED + 10
    assert after == [Cancel(call.frame, call.token), Ended("FAILED", None, "States.Timeout", "")]


def test_a_time_limit_may_be_computed() -> None:
    outcome = run({"A": task(TimeoutSecondsPath="$.t", Parameters={})}, {"t": 3}, Tasks(A=Late(None)))

    assert (outcome.error, outcome.seconds) == ("States.Timeout", 3)


@pytest.mark.parametrize("limit", [0, -1, "x", 1.5, True, None])
def test_a_time_limit_that_is_none_fails(limit: Any) -> None:
    outcome = run({"A": task(TimeoutSecondsPath="$.t")}, {"t": limit})

    assert (outcome.status, outcome.error) == ("FAILED", "States.Runtime")


def test_a_missed_heartbeat_fails_the_task_by_its_own_name() -> None:
    made, effects = begun({"A": task(Resource=CALLBACK, HeartbeatSeconds=5, TimeoutSeconds=100)})
    (call,) = of(Call, effects)
    made.now += 4
    (sleep,) = made.interpreter.heartbeat(made.ledger, call.frame, token=call.token)

    made.now += 4
    assert made.interpreter.wake(made.ledger, call.frame) == [sleep]
    made.now += 1
    after = made.interpreter.wake(made.ledger, call.frame)

    assert cast("Sleep", sleep).until == STARTED + 9
    assert cast("Ended", after[-1]).error == "States.HeartbeatTimeout"


def test_a_task_that_never_gives_a_sign_of_life_has_missed_its_first_heartbeat() -> None:
    outcome = run({"A": task(HeartbeatSeconds=5, TimeoutSeconds=100)}, {}, Tasks(A=Late(None)))

    assert (outcome.error, outcome.seconds) == ("States.HeartbeatTimeout", 5)


def test_heartbeats_do_not_put_off_the_time_limit() -> None:
    made, effects = begun({"A": task(Resource=CALLBACK, HeartbeatSeconds=5, TimeoutSeconds=12)})
    (call,) = of(Call, effects)
    for _ in range(2):
        made.now += 4
        made.interpreter.heartbeat(made.ledger, call.frame)
    made.now += 4

    after = made.interpreter.wake(made.ledger, call.frame)

    assert cast("Ended", after[-1]).error == "States.Timeout"


def test_a_heartbeat_is_nothing_to_a_task_that_has_none() -> None:
    made, effects = begun({"A": task()})

    assert made.interpreter.heartbeat(made.ledger, of(Call, effects)[0].frame) == []


def test_an_execution_that_takes_too_long_times_out_whatever_it_does() -> None:
    branch = inner(W={"Type": "Wait", "Seconds": 50, "End": True})
    caught = [{"ErrorEquals": ["States.ALL"], "Next": "P"}]
    states = {"P": {"Type": "Parallel", "Branches": [branch], "Catch": caught, "End": True}}

    outcome = run(states, {}, TimeoutSeconds=20)

    assert (outcome.status, outcome.error, outcome.seconds) == ("TIMED_OUT", "States.Timeout", 20)


def test_an_execution_that_only_runs_times_out_too() -> None:
    made = runner({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}, {}, TimeoutSeconds=3)

    def tick(event: HistoryEvent) -> None:
        made.now += 0.01

    made.ledger.record = tick  # type: ignore[method-assign]  # every event takes its time
    assert made.run().status == "TIMED_OUT"


def test_a_token_completes_its_task_once() -> None:
    made, effects = begun(
        {"A": task(Resource=CALLBACK, Parameters={"t.$": "$$.Task.Token"}, Next="B"), "B": task(Resource=CALLBACK)}
    )
    (call,) = of(Call, effects)

    first = made.interpreter.succeed(made.ledger, call.frame, 1, token=call.token)
    second = made.interpreter.succeed(made.ledger, call.frame, 2, token=call.token)

    assert call.arguments == {"t": call.token}
    assert of(Call, first)[0].arguments == 1
    assert second == []


def test_tokens_are_not_used_twice() -> None:
    tasks = Tasks()
    states = {"P": {"Type": "Parallel", "Branches": [inner(A=task())] * 20, "Next": "Z"}, "Z": task()}

    run(states, {}, tasks)

    assert len({call.token for call in tasks.calls}) == 21
    assert min(len(call.token) for call in tasks.calls) >= 32


def test_each_attempt_has_a_token_of_its_own() -> None:
    tasks = Tasks(A=failing("Boom", "Boom"))

    run({"A": task(Resource=CALLBACK, Retry=[{"ErrorEquals": ["Boom"]}])}, {}, tasks)

    assert len({call.token for call in tasks.calls}) == 3


def test_the_result_of_an_earlier_attempt_is_late() -> None:
    made, effects = begun({"A": task(TimeoutSeconds=5, Retry=[{"ErrorEquals": ["States.ALL"]}])})
    (old,) = of(Call, effects)
    made.now += 5
    made.interpreter.wake(made.ledger, old.frame)
    assert made.interpreter.succeed(made.ledger, old.frame, 1, token=old.token) == []
    made.now += 1
    (new,) = of(Call, made.interpreter.wake(made.ledger, old.frame))

    assert made.interpreter.succeed(made.ledger, old.frame, 1, token=old.token) == []
    assert made.interpreter.fail(made.ledger, old.frame, "Boom", "", token=old.token) == []
    assert made.interpreter.heartbeat(made.ledger, old.frame, token=old.token) == []
    (ended,) = made.interpreter.succeed(made.ledger, old.frame, 2, token=new.token)
    assert cast("Ended", ended).output == 2


@pytest.mark.parametrize("frame", [0, 1, 2, 999, -1])
def test_calls_that_fit_nothing_change_nothing(frame: int) -> None:
    made, _ = begun({"W": {"Type": "Wait", "Seconds": 60, "End": True}})
    before = made.ledger.below(0)
    act = made.interpreter

    assert act.succeed(made.ledger, frame, 1) == []
    assert act.fail(made.ledger, frame, "Boom", "") == []
    assert act.heartbeat(made.ledger, frame) == []
    assert act.proceed(made.ledger, frame) == []
    assert act.begin(made.ledger) == []
    assert made.ledger.below(0) == before


def test_after_its_end_an_execution_answers_nothing() -> None:
    made = runner({"A": {"Type": "Fail", "Error": "Boom"}}, {})
    made.run()
    act, events = made.interpreter, len(made.history)

    assert [act.proceed(made.ledger, 1), act.wake(made.ledger, 1), act.resume(made.ledger, 1)] == [[], [], []]
    assert [act.stop(made.ledger, "", ""), act.begin(made.ledger), act.redrive(made.ledger)] == [[], [], []]
    assert len(made.history) == events


def test_a_wake_that_comes_too_early_asks_for_another_one() -> None:
    made, effects = begun({"W": {"Type": "Wait", "Seconds": 60, "End": True}})
    (sleep,) = effects

    made.now += 59

    assert made.interpreter.wake(made.ledger, cast("Sleep", sleep).frame) == [sleep]


def test_what_times_out_is_told_in_the_history() -> None:
    outcome = run({"A": task(TimeoutSeconds=3)}, {}, Tasks(A=Late(None)))

    assert types(outcome)[-3:] == ["TaskScheduled", "TaskTimedOut", "ExecutionFailed"]
