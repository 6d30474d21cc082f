"""What the commands of `isthmus workflow` may ask of a running app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from isthmus.declarations.workflow import Workflow
from isthmus.errors import BadRequestError
from isthmus.workflow_execution import FINAL
from isthmus.workflow_input import checked_name, checked_reason, encoded, result
from isthmus_local.clients.workflow import LIMIT
from isthmus_local.runtime import Runtime
from isthmus_local.workflow_requests import Requests

Question: TypeAlias = Mapping[str, Any]

MOST = 1000
"""How many executions are listed at most, and about how many events are told at once."""


class WorkflowActions:
    """The actions on executions of `runtime`; `declared` returns a workflow by its name."""

    def __init__(self, runtime: Runtime, declared: Callable[[str], Workflow]) -> None:
        self._runtime = runtime
        self._declared = declared
        self._requests = Requests(runtime.steps)

    @property
    def actions(self) -> Mapping[str, Callable[[str, Question], Awaitable[Any]]]:
        """Return them by their names."""
        return {
            "workflow.start": self._start,
            "workflow.describe": self._describe,
            "workflow.list": self._list,
            "workflow.history": self._history,
            "workflow.stop": self._stop,
            "workflow.redrive": self._redrive,
            "workflow.succeed": self._succeed,
            "workflow.fail": self._fail,
        }

    async def _start(self, name: str, question: Question) -> str:
        workflow, chosen = self._declared(name), question.get("execution")
        given = encoded(question.get("input"), LIMIT, name).decode()
        name_of_it = None if chosen is None else checked_name(chosen)
        started: str = await self._runtime.do(self._runtime.steps.start, workflow, given, name_of_it)
        return started

    async def _describe(self, name: str, question: Question) -> Any:
        return await self._do("describe", self._declared(name), _text(question, "execution"))

    async def _list(self, name: str, question: Question) -> Any:
        status, limit = question.get("status"), _number(question, "limit")
        if status is not None and status not in ("RUNNING", *FINAL):
            raise BadRequestError(f"a status is one of RUNNING, {', '.join(FINAL)}")
        return await self._do("listed", self._declared(name), status, None, limit)

    async def _history(self, name: str, question: Question) -> Any:
        after, limit = _number(question, "after"), _number(question, "limit")
        return await self._do("history", self._declared(name), _text(question, "execution"), after, limit)

    async def _stop(self, name: str, question: Question) -> None:
        reason = checked_reason(question.get("error"), question.get("cause"))
        await self._do("stop", self._declared(name), _text(question, "execution"), *reason)

    async def _redrive(self, name: str, question: Question) -> None:
        await self._do("redrive", self._declared(name), _text(question, "execution"))

    async def _succeed(self, name: str, question: Question) -> None:
        output = result(question.get("output"), name).decode()
        await self._do("succeed", self._declared(name), _text(question, "token"), output)

    async def _fail(self, name: str, question: Question) -> None:
        reason = checked_reason(question.get("error"), question.get("cause"))
        await self._do("fail", self._declared(name), _text(question, "token"), *reason)

    async def _do(self, asked: str, workflow: Workflow, *args: Any) -> Any:
        return await self._runtime.do(getattr(self._requests, asked), workflow, *args)


def _text(question: Question, name: str) -> str:
    value = question.get(name)
    if not isinstance(value, str):
        raise BadRequestError(f"{name} is text")
    return value


def _number(question: Question, name: str) -> int:
    value = question.get(name)
    if type(value) is not int or value < 0:
        raise BadRequestError(f"{name} is a whole number")
    return min(value, MOST) if name == "limit" else value
