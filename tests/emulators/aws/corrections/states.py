"""The corrections of Step Functions: what `workflows` does instead of ministack."""

from __future__ import annotations

from tests.emulators.aws.corrections.correction import Replacement, Rewrite

_MODULE = "services.stepfunctions"
_OURS = "tests.emulators.aws.corrections.workflows"
_HERE = f'__import__("{_OURS}", fromlist=["x"])'
_VARIABLES = "https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html"
_CALLBACKS = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token"
_ERRORS = "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html"
_MACHINE = "https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html"
_SCOPE = "https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variables-scope"

REWRITES: tuple[Rewrite, ...] = (
    Rewrite(
        why="a token belongs to an execution, with which it ends",
        page=_CALLBACKS,
        module=_MODULE,
        function="_invoke_with_callback",
        old='        "event": evt, "result": None, "error": None, "heartbeat": None}\n',
        new=(
            '        "event": evt, "result": None, "error": None, "heartbeat": None,\n'
            f'        "execution": {_HERE}.execution()}}\n'
        ),
    ),
    Rewrite(
        why="the role of a machine must allow what a task does, also where it waits for a token",
        page="https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html",
        module=_MODULE,
        function="_invoke_with_callback",
        old='    clean_resource = resource.replace(".waitForTaskToken", "")\n',
        new=(
            '    clean_resource = resource.replace(".waitForTaskToken", "")\n'
            f"    {_HERE}.check(clean_resource, input_data)\n"
        ),
    ),
    Rewrite(
        why="a task that waits for its token hears of heartbeats, and of its execution's end",
        page=_CALLBACKS,
        module=_MODULE,
        function="_invoke_with_callback",
        old="    if not evt.wait(timeout=timeout):\n",
        new=f"    if not {_HERE}.wait(token, state_def, timeout):\n",
    ),
    Rewrite(
        why="a function that cannot take the token fails its task",
        page=_CALLBACKS,
        module=_MODULE,
        function="_invoke_with_callback",
        old="        except _ExecutionError:\n            pass\n",
        new="        except _ExecutionError:\n            _task_tokens.pop(token, None)\n            raise\n",
    ),
    Rewrite(
        why="an execution begins at once: nothing of AWS, but of tests that run hundreds",
        page=_MACHINE,
        module=_MODULE,
        function="_run_execution",
        old="    time.sleep(0.15)\n",
        new="    time.sleep(0)\n",
    ),
    Rewrite(
        why="branches run at once: each has a state of its own, and variables that nobody outside sees",
        page=_SCOPE,
        module=_MODULE,
        function="_run_parallel_branches",
        old="                effective, execution, ctx)\n",
        new='                effective, execution, {**ctx, "variables": dict(ctx.get("variables") or {})})\n',
    ),
    Rewrite(
        why="States.ALL and States.TaskFailed do not stand for States.Runtime",
        page=_ERRORS,
        module=_MODULE,
        function="_error_matches",
        old='    if "States.ALL" in error_equals or error in error_equals:\n',
        new=(
            '    if error == "States.Runtime":\n'
            "        return error in error_equals\n"
            '    if "States.ALL" in error_equals or error in error_equals:\n'
        ),
    ),
)
"""Places in ministack's source."""


def _by(why: str, page: str, by: str, *functions: str) -> tuple[Replacement, ...]:
    return tuple(Replacement(why, page, _MODULE, function, f"{_OURS}:{by}") for function in functions)


_BY_INPUT = "a Pass or a Wait in JSONPath assigns variables"
_BY_RESULT = "a Task, a Parallel or a Map in JSONPath assigns variables, by its result"
_READ = "a path reads the variables of the execution"
_TOKEN = "a token that was completed, or whose execution has ended, is nobody's"

REPLACEMENTS: tuple[Replacement, ...] = (
    *_by(_BY_INPUT, _VARIABLES, "run_pass", "_execute_pass", "_execute_wait"),
    *_by("a rule of a Choice in JSONPath assigns variables", _VARIABLES, "run_choice", "_execute_choice"),
    *_by(_BY_RESULT, _VARIABLES, "select", "_apply_result_selector"),
    *_by("a catcher in JSONPath assigns variables", _VARIABLES, "catch", "_apply_catcher"),
    *_by(_READ, _VARIABLES, "run_with_execution", "_execute_task", "_execute_parallel", "_execute_map"),
    *_by(_READ, _VARIABLES, "run_simple", "_fail_state_error"),
    *_by("a path reads variables, and may descend", _VARIABLES, "resolve", "_resolve_path"),
    *_by("TimeoutSeconds of a machine end its executions", _MACHINE, "run_execution", "_run_execution"),
    *_by("an execution that has ended stays as it is", _MACHINE, "fail_execution", "_fail_execution"),
    *_by(
        "what waits for an execution that fails has failed by States.TaskFailed",
        "https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html",
        "nested_failure",
        "_nested_execution_failure",
    ),
    *_by(_TOKEN, _CALLBACKS, "complete", "_send_task_success", "_send_task_failure", "_send_task_heartbeat"),
    *_by(
        "a task may be scripted: nothing of AWS, but of tests that run definitions alone (see `step_functions`)",
        "https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-test-sm-exec.html",
        "answer",
        "_invoke_resource",
    ),
    *_by(
        "a message that a task publishes has its attributes",
        "https://docs.aws.amazon.com/step-functions/latest/dg/connect-sns.html",
        "publish",
        "_invoke_sns_publish",
    ),
)
"""Functions of ministack."""
