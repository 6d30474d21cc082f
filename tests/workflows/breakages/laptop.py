"""Breakages of the laptop's durable engine and of its store."""

from __future__ import annotations

from tests.workflows.breakages.breakage import Breakage

_OURS = "isthmus_local"
_TESTS = "tests/local/workflows"

BREAKAGES = [
    Breakage(
        "effects are brought about though their step was not committed",
        f"{_OURS}/store/database.py",
        "return Committed([Outcome(job, None, failure) for job in jobs], [])",
        "return Committed([Outcome(job, None, failure) for job in jobs], tx.notices)",
        ["tests/local/store/test_commits.py::test_nothing_is_told_of_what_was_not_committed"],
    ),
    Breakage(
        "a step that could not be committed is not taken again",
        f"{_OURS}/workflow_engine.py",
        "self._clock.call_at(self._clock.time() + 1, self._retake, number, step, args)",
        "pass",
        [f"{_TESTS}/test_commits.py::test_a_result_that_the_store_does_not_take_is_offered_again"],
    ),
    Breakage(
        "timers are forgotten at a restart",
        f"{_OURS}/workflow_timers.py",
        '        """Wake what is due by now."""\n        self._look()',
        '        """Wake what is due by now."""',
        [f"{_TESTS}/test_restarts.py::test_timers_go_on_and_what_was_due_meanwhile_is_done_at_the_start"],
    ),
    Breakage(
        "calls that are owed are forgotten at a restart",
        f"{_OURS}/workflow_lanes.py",
        "self._waiting.update({errand.call.token: errand for errand in errands(news)})",
        "pass",
        [f"{_TESTS}/test_restarts.py::test_a_task_that_ran_is_called_again_and_says_so"],
    ),
    Breakage(
        "executions in the middle of a loop are forgotten at a restart",
        f"{_OURS}/workflow_engine.py",
        "        self._load_turns(0)\n",
        "",
        [f"{_TESTS}/test_restarts.py::test_thousands_of_executions_in_the_middle_of_a_loop_all_go_on"],
    ),
    Breakage(
        "a call that was made before a restart does not say that it is made again",
        f"{_OURS}/workflow_steps.py",
        "            repeated += 1\n",
        "",
        [f"{_TESTS}/test_restarts.py::test_a_task_that_ran_is_called_again_and_says_so"],
    ),
    Breakage(
        "a message with a token is sent again after a restart",
        f"{_OURS}/store/execution_frames.py",
        '"UPDATE execution_frames SET owed = NULL, lane = NULL WHERE execution = ? AND id = ? AND token = ?"',
        '"UPDATE execution_frames SET owed = owed WHERE execution = ? AND id = ? AND token = ?"',
        [f"{_TESTS}/test_restarts.py::test_a_message_with_a_token_is_not_sent_again"],
    ),
    Breakage(
        "the store gives the results of a Map in any order",
        f"{_OURS}/store/execution_joins.py",
        "WHERE execution = ? AND frame = ? ORDER BY place",
        "WHERE execution = ? AND frame = ? ORDER BY place DESC",
        [f"{_TESTS}/test_maps.py::test_results_come_in_the_order_of_the_items_whoever_ends_first"],
    ),
]
"""What is broken, where, how, and which tests have to notice."""
