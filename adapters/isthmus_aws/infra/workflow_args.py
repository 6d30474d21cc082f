"""The arguments of a workflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from isthmus.components.arguments import ComponentArgs, settled
from isthmus.declarations.workflow import Workflow
from isthmus.plan import Plan
from isthmus_aws.infra.days import Days


@dataclass(frozen=True, kw_only=True)
class WorkflowArgs(ComponentArgs):
    """How a workflow runs on Step Functions, besides what its definition says.

    `log_level` and `log_data` say what its log has: errors alone, or everything, and whether with the inputs and
    outputs of states, in which a customer's data may be. A stage that keeps its data logs none of it; an express
    workflow has no other history than its log. `log_retention` is in days; `tracing` is X-Ray's.
    https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    """

    log_level: Literal["ALL", "ERROR", "FATAL", "OFF"] = "ERROR"
    log_data: bool = False
    log_retention: Days = 30
    tracing: bool = True

    @classmethod
    def of(cls, declared: Workflow, plan: Plan) -> Self:
        """Return the arguments of a declared workflow, after the transforms."""
        tells_all = declared.express or plan.app.removal == "remove"
        values = {"log_level": "ALL" if tells_all else "ERROR", "log_data": plan.app.removal == "remove"}
        return settled(cls, declared, plan, values)
