"""Breakages of the compiler to Google Workflows, and of the helper subworkflows that it emits."""

from __future__ import annotations

from tests.workflows.breakages.breakage import Breakage

_OURS = "isthmus_gcp/workflow"
_TESTS = "tests/gcp/workflow"

BREAKAGES = [
    Breakage(
        "nothing is tried again",
        f"{_OURS}/failures.py",
        '"rule < 0"',
        '"rule < 9"',
        [f"{_TESTS}/test_failures.py::test_a_task_that_fails_once_is_called_twice_and_its_result_leaves"],
    ),
    Breakage(
        "MaxAttempts is off by one",
        f"{_OURS}/library/errors.yaml",
        "tried[rule] >= retriers[rule].attempts",
        "tried[rule] > retriers[rule].attempts",
        [f"{_TESTS}/test_failures.py::test_max_attempts_are_made_beside_the_first"],
    ),
    Breakage(
        "all retriers of a state share one counter",
        f"{_OURS}/library/errors.yaml",
        "tried[rule] >= retriers[rule].attempts",
        "tried[0] >= retriers[rule].attempts",
        [f"{_TESTS}/test_failures.py::test_each_retrier_counts_for_itself"],
    ),
    Breakage(
        "BackoffRate is ignored",
        f"{_OURS}/failures.py",
        "delays[rule] * retriers[rule].rate",
        "delays[rule]",
        [f"{_TESTS}/test_failures.py::test_the_waits_grow_by_the_backoff_up_to_the_longest"],
    ),
    Breakage(
        "MaxDelaySeconds is ignored",
        f"{_OURS}/library/errors.yaml",
        "${math.min(delay, longest) * chance}",
        "${delay * chance}",
        [f"{_TESTS}/test_failures.py::test_the_waits_grow_by_the_backoff_up_to_the_longest"],
    ),
    Breakage(
        "an answer whose error has no type has none",
        f"{_OURS}/library/errors.yaml",
        '          - condition: ${not ("type" in told)}\n            next: by_code',
        "          - condition: ${false}\n            next: by_code",
        [f"{_TESTS}/test_answers.py::test_an_error_of_another_form_is_named_by_its_status"],
    ),
    Breakage(
        "more data than Google holds is a fault of the definition",
        f"{_OURS}/library/errors.yaml",
        '${"ResourceLimitError" in tags or',
        '${"NoSuchError" in tags or',
        [f"{_TESTS}/test_answers.py::test_more_data_than_google_holds_is_a_failure_that_can_be_caught"],
    ),
    Breakage(
        "no error is caught by its name",
        f"{_OURS}/library/errors.yaml",
        "condition: ${name in names}",
        "condition: ${false}",
        [f"{_TESTS}/test_failures.py::test_a_caught_error_is_put_where_the_catcher_says"],
    ),
    Breakage(
        "an error that no catcher lists is caught by the first of them",
        f"{_OURS}/failures.py",
        'f"${{rule == {number}}}"',
        'f"${{rule <= {number}}}"',
        [f"{_TESTS}/test_failures.py::test_a_timeout_is_no_task_that_failed_but_one_of_all_errors"],
    ),
    Breakage(
        "a catcher's ResultPath is ignored",
        f"{_OURS}/flow.py",
        'placed = _placed(steps, catcher.get("ResultPath", "$"), error)',
        "placed = error",
        [f"{_TESTS}/test_failures.py::test_a_caught_error_is_put_where_the_catcher_says"],
    ),
    Breakage(
        "a timeout has no name of its own",
        f"{_OURS}/library/errors.yaml",
        'return: {Error: States.Timeout, Cause: ""}',
        'return: {Error: States.TaskFailed, Cause: ""}',
        [f"{_TESTS}/test_failures.py::test_a_timeout_is_no_task_that_failed_but_one_of_all_errors"],
    ),
    Breakage(
        "States.TaskFailed takes States.Timeout",
        f"{_OURS}/library/errors.yaml",
        '"States.TaskFailed" in names and name != "States.Timeout"',
        '"States.TaskFailed" in names',
        [f"{_TESTS}/test_failures.py::test_a_timeout_is_no_task_that_failed_but_one_of_all_errors"],
    ),
    Breakage(
        "States.ALL takes States.Runtime",
        f"{_OURS}/library/errors.yaml",
        '${name == "States.Runtime"}',
        "${false}",
        [f"{_TESTS}/test_failures.py::test_a_fault_of_the_definition_is_caught_by_nobody_but_by_its_name"],
    ),
    Breakage(
        "the names that services give to the platform's fault are not known",
        f"{_OURS}/failures.py",
        "            yield PLATFORM\n",
        "            yield name\n",
        [f"{_TESTS}/test_failures.py::test_a_failure_of_the_platform_is_meant_by_all_its_names"],
    ),
    Breakage(
        "false is a number",
        f"{_OURS}/library/values.yaml",
        '${mark == "t" or mark == "f"}',
        '${mark == "t"}',
        [f"{_TESTS}/test_agreement.py::test_a_rule_leads_to_the_same"],
    ),
    Breakage(
        "a value is compared without a look at its type",
        f"{_OURS}/library/comparisons.yaml",
        "          - condition: ${found != type}\n            return: false\n    - look_right:",
        "          - condition: ${false}\n            return: false\n    - look_right:",
        [f"{_TESTS}/test_agreement.py::test_a_rule_leads_to_the_same"],
    ),
    Breakage(
        "a value is compared with one of another type",
        f"{_OURS}/library/comparisons.yaml",
        "          - condition: ${found != type}\n            return: false\n          - condition: ${relation",
        "          - condition: ${false}\n            return: false\n          - condition: ${relation",
        ["tests/workflows/test_compiled.py::test_nothing_is_compared_with_what_a_path_finds_of_another_type"],
    ),
    Breakage(
        "a day that is in no calendar is a moment",
        f"{_OURS}/library/values.yaml",
        "          - condition: ${seconds == null}",
        "          - condition: ${false}",
        ["tests/workflows/test_compiled.py::test_what_only_looks_like_a_timestamp_is_none"],
    ),
    Breakage(
        "LessThan holds of equal values",
        f"{_OURS}/library/comparisons.yaml",
        "${left < right}",
        "${left <= right}",
        ["tests/workflows/test_compiled.py::test_of_equal_values_none_is_less_compiled_either"],
    ),
    Breakage(
        "what stands beside the place of a result is lost",
        f"{_OURS}/library/values.yaml",
        "          - condition: ${not found}\n                    steps:\n                      - made:",
        "          - condition: ${true}\n                    steps:\n                      - made:",
        [f"{_TESTS}/test_agreement.py::test_a_result_is_put_in_the_same_place"],
    ),
    Breakage(
        "variables keep their first value",
        f"{_OURS}/flow.py",
        'f"map.merge({VARIABLES}, {assigned})"',
        'f"map.merge({assigned}, {VARIABLES})"',
        [f"{_TESTS}/test_agreement.py::test_data_flow_alike"],
    ),
    Breakage(
        "the results of branches are swapped",
        f"{_OURS}/spreads.py",
        'f"results[{number}]"',
        'f"results[{len(spread.inner) - 1 - number}]"',
        [f"{_TESTS}/test_spreads.py::test_the_outputs_of_branches_come_in_their_order"],
    ),
    Breakage(
        "iterations begin after one has failed",
        f"{_OURS}/spreads.py",
        'steps.add({"switch": [{"condition": "${failed == null}", "steps": tried}]}, "iteration")',
        'steps.add({"switch": [{"condition": "${true}", "steps": tried}]}, "iteration")',
        [f"{_TESTS}/test_spreads.py::test_no_iteration_begins_after_one_has_failed"],
    ),
    Breakage(
        "the failure of a branch is forgotten",
        f"{_OURS}/spreads.py",
        '{"condition": "${failed != null}", "raise": "${failed}"}',
        '{"condition": "${false}", "raise": "${failed}"}',
        [f"{_TESTS}/test_spreads.py::test_an_error_in_a_branch_is_caught_by_the_state_around_it"],
    ),
]
"""What is broken, where, how, and which tests have to notice."""
