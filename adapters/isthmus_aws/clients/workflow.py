"""The client of a linked workflow, which is a state machine of Step Functions."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.envelope import CONTENT_TYPE, new_id, outgoing
from isthmus.errors import InvalidValueError, IsthmusError, TooLargeError
from isthmus.links import Link
from isthmus.outgoing import HINT
from isthmus.payload import dumps
from isthmus_aws.clients.asking import Asking
from isthmus_aws.clients.errors import code_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_aws.services import Services

INPUT_LIMIT = 256 * 1024
"""The most bytes of an execution's input: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html."""

NAME_LIMIT = 80
"""The most characters of an execution's name."""

ENVELOPE = "isthmus"
"""Under which key of an input that is an object the envelope rides."""

_FORBIDDEN = frozenset(' <>{}[]?*"#%\\^|~`$&,;:/')


class WorkflowClient:
    """A linked workflow: see `isthmus.ports.Workflow`. The id of an execution is its ARN.

    The envelope rides in the input, under `isthmus`, where the input is an object; no input is an empty object, as it
    is to Step Functions. A name is taken for 90 days after its execution has ended.
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    """

    __slots__ = ("_asking", "_services", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._asking = Asking(link, services, "stepfunctions")
        self._services = services

    def start(self, input: Any = None, *, name: str | None = None) -> str:
        """Start an execution and return its id; a second start by the same `name` returns the first one's."""
        self._asking.allow("start")
        chosen = new_id() if name is None else _checked_name(name)
        try:
            answer = self._asking.ask(
                "start",
                "start_execution",
                stateMachineArn=self._services.arn("states", f"stateMachine:{self.name}"),
                name=chosen,
                input=self._input(input),
            )
        except IsthmusError as error:
            if error.__cause__ is None or code_of(error.__cause__) != "ExecutionAlreadyExists":
                raise
            return self._services.arn("states", f"execution:{self.name}:{chosen}")
        arn: str = answer["executionArn"]
        return arn

    def _input(self, given: Any) -> str:
        data = dumps({} if given is None else given)
        if data.startswith(b"{"):
            data = self._with_envelope(given or {})
        if len(data) > INPUT_LIMIT:
            raise TooLargeError(f"the input of workflow {self._asking.link.name!r}", len(data), INPUT_LIMIT, HINT)
        return data.decode()

    def _with_envelope(self, given: Mapping[str, Any]) -> bytes:
        if ENVELOPE in given:
            raise InvalidValueError(f"the key {ENVELOPE!r} of a workflow's input is reserved; choose another")
        return dumps({**given, ENVELOPE: _envelope()})

    def __repr__(self) -> str:
        return f"<Workflow {self._asking.link.name}>"


def _envelope() -> dict[str, str]:
    ours = outgoing(None, "")
    del ours[CONTENT_TYPE]
    return ours


def _checked_name(name: Any) -> str:
    if type(name) is not str or not 1 <= len(name) <= NAME_LIMIT or not name.isprintable() or _FORBIDDEN & set(name):
        raise InvalidValueError(
            f"an execution's name is 1 to {NAME_LIMIT} characters without spaces and any of "
            f"{''.join(sorted(_FORBIDDEN)).strip()}, not {name!r:.100}"
        )
    return name
