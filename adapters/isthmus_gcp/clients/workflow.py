"""The client of a linked workflow, which is one of Workflows."""

from __future__ import annotations

import time

from isthmus._typing import Any, Mapping
from isthmus.envelope import CONTENT_TYPE, outgoing
from isthmus.errors import InvalidValueError, TooLargeError
from isthmus.links import Link
from isthmus.outgoing import HINT
from isthmus.parts import part
from isthmus.payload import dumps
from isthmus_gcp.clients.asking import Asking
from isthmus_gcp.clients.tasks import instant
from isthmus_gcp.services import SENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

INPUT_LIMIT = 32 * 1024
"""The most bytes of an execution's input.

https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions#Execution
"""

NAME_LIMIT = 80
"""The most characters of an execution's name: what every provider takes."""

NAMED = "isthmus-name"
"""The label of an execution that has a name: a digest of it."""

REMEMBERED = 90 * 24 * 3600.0
"""For how many seconds a name is taken: as long as Workflows keeps an execution.

https://cloud.google.com/workflows/quotas
"""

ENVELOPE = "isthmus"
"""Under which key of an input that is an object the envelope rides."""

_FORBIDDEN = frozenset(' <>{}[]?*"#%\\^|~`$&,;:/')
_CLOCKS = 60.0
"""By how many seconds two clocks may differ."""


class WorkflowClient:
    """A linked workflow: see `isthmus.ports.Workflow`. The id of an execution is its full name.

    The envelope rides in the input, under `isthmus`, where the input is an object; no input is an empty object.
    Workflows itself knows no names: a note in Firestore remembers which execution has one. Where a starter dies before
    it has written that down, the next one looks for the execution by its label.
    """

    __slots__ = ("_asking", "_services", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._asking = Asking(link, services)
        self._services = services

    def start(self, input: Any = None, *, name: str | None = None) -> str:
        """Start an execution and return its id; a second start by the same `name` returns the first one's."""
        self._asking.allow("start")
        argument = {"argument": self._argument(input)}
        if name is None:
            identifier: str = self._asking.ask("start", lambda: self._executions.post(self._path, argument))["name"]
            return identifier
        return self._once(argument, name)

    def _once(self, document: Mapping[str, Any], name: str) -> str:
        label = _digest(_checked_name(name))
        labelled = {**document, "labels": {NAMED: label}}

        def found(since: float) -> str:
            return self._found(label, since)

        def started(deadline: float) -> str:
            return self._started(labelled, deadline, label)

        names = ("workflow", self.name, name)
        identifier: str = self._asking.ask(
            "start", lambda: part(SENT)(self._services, names, started, seconds=REMEMBERED, recall=found)
        )
        return identifier

    def _started(self, document: Mapping[str, Any], deadline: float, label: str) -> str:
        """Start an execution; where an answer was lost, it is looked for before it is started again."""
        began = time.time()

        def known(left: float) -> Any:
            name = self._found(label, began, left)
            return {"name": name} if name else None

        made = self._executions.post(self._path, document, deadline=deadline, known=known)
        return str(made["name"])

    def _found(self, label: str, since: float, deadline: float | None = None) -> str:
        """Return the execution of that label which was begun since then; "" where there is none."""
        from urllib.parse import urlencode

        asked = {"view": "FULL", "pageSize": "100", "filter": f'createTime>"{instant(since - _CLOCKS)}"'}
        while True:
            page = self._asking.ask(
                "start", lambda: self._executions.get(f"{self._path}?{urlencode(asked)}", deadline=deadline)
            )
            for execution in page.get("executions", ()):
                if execution.get("labels", {}).get(NAMED) == label:
                    return str(execution["name"])
            if not page.get("nextPageToken"):
                return ""
            asked["pageToken"] = page["nextPageToken"]

    @property
    def _executions(self) -> Any:
        return self._services.executions()

    @property
    def _path(self) -> str:
        services = self._services
        return f"/v1/projects/{services.project}/locations/{services.region}/workflows/{self.name}/executions"

    def _argument(self, given: Any) -> str:
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


def _digest(name: str) -> str:
    from hashlib import sha256

    return sha256(name.encode()).hexdigest()[:32]


def _checked_name(name: Any) -> str:
    if type(name) is not str or not 1 <= len(name) <= NAME_LIMIT or not name.isprintable() or _FORBIDDEN & set(name):
        raise InvalidValueError(
            f"an execution's name is 1 to {NAME_LIMIT} characters without spaces and any of "
            f"{''.join(sorted(_FORBIDDEN)).strip()}, not {name!r:.100}"
        )
    return name
