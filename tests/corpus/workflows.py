"""Workflows of Google, each with what an emulator's author expects of it, run in the test double.

What they say is no more than that author's opinion: where Google's documentation says otherwise, the row is listed
here with the page, and the double has to refuse it for that very reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isthmus.ports import Provider
from tests.corpus.index import inside, objects
from tests.corpus.report import Outcome
from tests.emulators.gcp.workflows import workflow
from tests.emulators.gcp.workflows.failures import DeploymentError

INDEX = "gcp_workflow_cases.jsonl"
DOCS = "https://cloud.google.com/workflows/docs/"


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that Google would not deploy: a part of what the double says, and the reason, with Google's page."""

    says: str
    reason: str


_TYPE = Refused(
    "unknown function or sub-workflow 'type'",
    f"no helper tells a type: {DOCS}reference/stdlib/expression-helpers",
)
_BRANCHES = Refused(
    "'branches' are 2 to 10",
    "a parallel step has at least two branches: "
    "https://github.com/GoogleCloudPlatform/workflows-samples/blob/main/jsonschema/workflows.json",
)
_RETRY = Refused(
    "'retry' is a default policy, or has 'predicate', 'max_retries' and 'backoff'",
    f"a retry without a default policy names its predicate: {DOCS}reference/syntax/retrying",
)

REFUSED: Mapping[str, Refused] = {
    "TestEdge_MapLiteralInExpression": Refused(
        "mapping values are not allowed",
        f"an expression with a colon is quoted, and has no maps: {DOCS}reference/syntax/expressions",
    ),
    "TestEdge_LoopWithSubworkflowCall": Refused(
        "the name is taken",
        f"double is a helper, which a subworkflow cannot be called: {DOCS}reference/stdlib/expression-helpers",
    ),
    "TestExpr_NullHandling": _TYPE,
    "TestExpr_TypeFunction": _TYPE,
    "TestParallel_ExceptionPolicyUnhandled": Refused(
        "the one 'exception_policy' is continueAll",
        f"continueAll is the only policy: {DOCS}reference/syntax/parallel-steps",
    ),
    "TestParallel_EmptyBranches": Refused(
        "duplicate step name",
        f"names of steps are unique in a workflow: {DOCS}reference/syntax/steps",
    ),
    "TestParallel_NestingDepthExceeded": _BRANCHES,
    "TestParallel_NestingDepth2Allowed": _BRANCHES,
    "TestRetry_BasicRetry": _RETRY,
    "TestRetry_ExceedMaxRetries": _RETRY,
    "TestStdlib_TextReplaceAll": Refused(
        "unknown argument 'replacement'",
        f"the argument is called repl: {DOCS}reference/stdlib/text/replace_all",
    ),
    "TestStdlib_TextMatchRegex": Refused(
        "unknown argument 'regex'",
        f"the argument is called regexp: {DOCS}reference/stdlib/text/match_regex",
    ),
    "TestStdlib_MapGet": Refused(
        "too many arguments of 'map.get'",
        f"map.get has no default, but default() has: {DOCS}reference/stdlib/map/get",
    ),
}
"""The closed list of rows that are meant to differ, by the name of their test."""


def run(directory: Path, _providers: Mapping[str, Provider]) -> Iterator[Outcome]:
    """Yield what came of each case of the index in `directory`."""
    for row in objects(directory, INDEX):
        yield row if isinstance(row, Outcome) else _case(directory, row[0], row[1])


def _case(directory: Path, name: str, case: Mapping[str, Any]) -> Outcome:
    name = str(case.get("id") or name)
    refused = REFUSED.get(name.rpartition("::")[2])
    file = inside(directory, str(case.get("workflow_path")))
    if isinstance(file, str):
        return Outcome(name, "differ", file)
    try:
        deployed = workflow.deploy(file.read_text())
    except DeploymentError as error:
        listed = refused is not None and refused.says in str(error)
        return (
            Outcome(name, "not applicable", refused.reason)
            if listed and refused
            else Outcome(name, "differ", str(error))
        )
    if refused:
        return Outcome(name, "differ", f"it is deployed, although {refused.reason}")
    return _compared(name, deployed.run(case.get("args")), case["expected"])


def _compared(name: str, outcome: workflow.Outcome, expected: Mapping[str, Any]) -> Outcome:
    told = outcome.result if outcome.error is None else outcome.error
    if outcome.state != expected["status"]:
        return Outcome(name, "differ", f"{outcome.state}, not {expected['status']}: {told}")
    if "result" in expected and outcome.value != expected["result"]:
        return Outcome(name, "differ", f"{told}, not {expected['result']!r}")
    contained: Mapping[str, Any] = expected.get("result_contains") or {}
    missing = {key: value for key, value in contained.items() if outcome.value.get(key) != value}
    return Outcome(name, "differ", f"{told} has not {missing!r}") if missing else Outcome(name, "agree")
