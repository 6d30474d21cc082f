"""Breakages of the interpreter."""

from __future__ import annotations

from tests.workflows.breakages.breakage import Breakage

_OURS = "isthmus/workflows/interpreter"
_TESTS = "tests/core/workflows/interpreter"
_FAILURES = f"{_OURS}/failures.py"

BREAKAGES = [
    Breakage(
        "nothing is tried again",
        _FAILURES,
        "if frame.attempts.get(str(number), 0) < retrier.most:",
        "if False:",
        [f"{_TESTS}/test_failures.py::test_a_task_that_recovers_goes_on"],
    ),
    Breakage(
        "MaxAttempts is off by one",
        _FAILURES,
        "frame.attempts.get(str(number), 0) < retrier.most",
        "frame.attempts.get(str(number), 0) <= retrier.most",
        [f"{_TESTS}/test_failures.py::test_no_attempts_are_none"],
    ),
    Breakage(
        "all retriers of a state share one counter",
        _FAILURES,
        "frame.attempts.get(str(number), 0) < retrier.most",
        "frame.retries < retrier.most",
        [f"{_TESTS}/test_failures.py::test_each_retrier_counts_for_itself"],
    ),
    Breakage(
        "the counters of retriers are kept when a state is left",
        f"{_OURS}/passage.py",
        "        frame.attempts, frame.retries = {}, 0",
        "        pass",
        [f"{_TESTS}/test_failures.py::test_counters_begin_anew_when_a_state_is_entered_again"],
    ),
    Breakage(
        "an error goes on to later retriers where the first has no attempts left",
        _FAILURES,
        "            break\n",
        "            continue\n",
        [f"{_TESTS}/test_failures.py::test_the_first_retrier_that_lists_an_error_is_the_only_one_that_takes_it"],
    ),
    Breakage(
        "BackoffRate is ignored",
        _FAILURES,
        "retrier.interval * retrier.rate**made",
        "retrier.interval",
        [f"{_TESTS}/test_failures.py::test_a_task_is_tried_three_times_more_by_default_with_doubled_waits"],
    ),
    Breakage(
        "MaxDelaySeconds is ignored",
        _FAILURES,
        "min(seconds, LONGEST if retrier.longest is None else retrier.longest)",
        "min(seconds, LONGEST)",
        [f"{_TESTS}/test_failures.py::test_a_delay_has_a_longest"],
    ),
    Breakage(
        "States.ALL takes States.Runtime",
        _FAILURES,
        "if wild and error != RUNTIME:",
        "if wild:",
        [f"{_TESTS}/test_failures.py::test_a_fault_of_the_runtime_is_not_caught_by_all"],
    ),
    Breakage(
        "States.TaskFailed takes States.Timeout",
        _FAILURES,
        "(TASK_FAILED in names and error != TIMEOUT)",
        "TASK_FAILED in names",
        [f"{_TESTS}/test_failures.py::test_what_a_name_in_error_equals_takes"],
    ),
    Breakage(
        "the names that services give to the platform's fault are not known",
        _FAILURES,
        "return not names.isdisjoint(SERVICE_ERRORS)",
        "return False",
        [
            f"{_TESTS}/test_failures.py::"
            "test_the_platforms_fault_has_a_neutral_name_that_documents_may_write_as_a_service_does"
        ],
    ),
    Breakage(
        "what a branch assigns is seen around it",
        f"{_OURS}/passage.py",
        "        join.ended += 1\n",
        "        join.ended += 1\n"
        "        above = turn.ledger.frame(frame.parent)\n"
        "        above.variables = frame.variables\n"
        "        turn.ledger.save(above)\n",
        [f"{_TESTS}/test_spreads.py::test_variables_of_a_branch_do_not_leak_and_outer_ones_are_seen"],
    ),
    Breakage(
        "the results of a Map come in the order in which its iterations end",
        f"{_OURS}/memory.py",
        "[outputs[index] for index in sorted(outputs)]",
        "list(outputs.values())",
        [f"{_TESTS}/test_spreads.py::test_branches_get_the_same_input_and_their_outputs_come_in_their_order"],
    ),
    Breakage(
        "the tasks beside a failed branch are not cancelled",
        f"{_OURS}/turn.py",
        "                self.cancel(frame)",
        "                pass",
        [f"{_TESTS}/test_spreads.py::test_a_branch_that_fails_ends_the_others_at_once"],
    ),
    Breakage(
        "the tasks beside a failed branch are not cancelled where the failure is caught",
        f"{_OURS}/turn.py",
        "            self.cancel(below)",
        "            pass",
        [f"{_TESTS}/test_spreads.py::test_the_tasks_of_a_caught_parallel_are_cancelled"],
    ),
    Breakage(
        "MaxConcurrency is ignored",
        f"{_OURS}/spreads.py",
        'min(values.whole(step, "MaxConcurrency", scope) or most, most)',
        "most",
        [f"{_TESTS}/test_spreads.py::test_no_more_iterations_run_at_once_than_may"],
    ),
    Breakage(
        "one failure more is tolerated than may be",
        f"{_OURS}/spreads.py",
        "failed > join.tolerated",
        "failed > join.tolerated + 1",
        [f"{_TESTS}/test_spreads.py::test_a_distributed_map_tolerates_as_many_failures_as_it_says"],
    ),
    Breakage(
        "HeartbeatSeconds is ignored",
        f"{_OURS}/states.py",
        "frame.missed = None if frame.heartbeat is None else now + frame.heartbeat",
        "frame.missed = None",
        [f"{_TESTS}/test_times.py::test_a_task_that_never_gives_a_sign_of_life_has_missed_its_first_heartbeat"],
    ),
    Breakage(
        "TimeoutSeconds is ignored",
        f"{_OURS}/states.py",
        "frame.deadline = None if timeout is None else now + min(timeout, LONGEST)",
        "frame.deadline = None",
        [f"{_TESTS}/test_times.py::test_a_task_that_takes_too_long_times_out_and_is_cancelled"],
    ),
    Breakage(
        "any attempt's token completes a task",
        f"{_OURS}/interpreter.py",
        "(not token or token == frame.token)",
        "True",
        [f"{_TESTS}/test_times.py::test_the_result_of_an_earlier_attempt_is_late"],
    ),
    Breakage(
        "data may be as large as it likes",
        f"{_OURS}/limits.py",
        "if size(value) > BYTES:",
        "if size(value) < 0:",
        [f"{_TESTS}/test_executions.py::test_a_result_that_is_too_large_fails_by_its_own_name"],
    ),
    Breakage(
        "data is measured in characters",
        f"{_OURS}/limits.py",
        'len(text.encode("utf-8", "surrogatepass"))',
        "len(text)",
        [f"{_TESTS}/test_executions.py::test_a_result_that_is_too_large_fails_by_its_own_name"],
    ),
    Breakage(
        "a state that was left waits on",
        f"{_OURS}/passage.py",
        '    frame.waiting = ""\n',
        "",
        ["tests/workflows/test_unnoticed.py::test_a_machine_that_goes_on_for_long_after_a_task_comes_to_its_end"],
    ),
    Breakage(
        "what runs in an iteration whose failure is tolerated runs on",
        _FAILURES,
        "    turn.forget(frame)\n    turn.ledger.fail(frame)\n",
        "    turn.ledger.fail(frame)\n",
        ["tests/workflows/test_unnoticed.py::test_what_runs_in_an_iteration_whose_failure_is_tolerated_is_cancelled"],
    ),
    Breakage(
        "a state is as old as the execution",
        f"{_OURS}/course.py",
        "frame.entered = turn.now()",
        "pass",
        ["tests/workflows/test_unnoticed.py::test_each_state_has_a_time_of_its_own_at_which_it_was_entered"],
    ),
    Breakage(
        "a redrive starts anew",
        f"{_OURS}/interpreter.py",
        "        frames[0].expires = self._expiry(turn)\n",
        "        frames[0].expires = self._expiry(turn)\n"
        "        frames[0].state, frames[0].input = self._program.root.start_at, ledger.execution.input\n",
        [f"{_TESTS}/test_executions.py::test_a_redrive_goes_on_from_the_state_that_failed"],
    ),
]
"""What is broken, where, how, and which tests have to notice."""
