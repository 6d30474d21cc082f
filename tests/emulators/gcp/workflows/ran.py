"""Running a source in a test."""

from __future__ import annotations

from typing import Any

from tests.emulators.gcp.workflows.failures import DeploymentError
from tests.emulators.gcp.workflows.http_calls import Http
from tests.emulators.gcp.workflows.workflow import Outcome, deploy


def ran(source: str, argument: Any = None, **options: Any) -> Outcome:
    """Deploy a source and run it."""
    return deploy(source).run(argument, **options)


def returned(expression: str, argument: Any = None) -> Any:
    """Return the value of an expression, in which `x` is the argument."""
    outcome = ran(_returning(expression), argument)
    assert outcome.state == "SUCCEEDED", outcome.error
    return outcome.value


def tags(expression: str, argument: Any = None) -> list[str]:
    """Return the tags of the error that an expression raises."""
    outcome = ran(_returning(expression), argument)
    assert outcome.state == "FAILED", outcome.result
    found: list[str] = outcome.raised["tags"]
    return found


def refused(source: str) -> str:
    """Return why a source is not deployed."""
    try:
        deploy(source)
    except DeploymentError as error:
        return str(error)
    raise AssertionError("the source is deployed")


def answered(source: str, http: Http, argument: Any = None) -> Outcome:
    """Run a source whose requests are answered."""
    return ran(source, argument, http=http)


def _returning(expression: str) -> str:
    quoted = expression.replace("'", "''")
    return f"main:\n  params: [x]\n  steps:\n  - s: {{return: '${{{quoted}}}'}}\n"
