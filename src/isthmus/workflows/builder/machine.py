"""State machines: chains that are a definition."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Self, TypedDict, Unpack

from isthmus.errors import InvalidValueError
from isthmus.shapes import is_mapping
from isthmus.workflows.builder.chain import Chain
from isthmus.workflows.builder.spelling import fields
from isthmus.workflows.definition import QueryLanguage, parse


class MachineOptions(TypedDict, total=False):
    """What a definition may say besides its states; it starts with the first one unless `start_at` names another."""

    comment: str
    query_language: QueryLanguage
    timeout_seconds: int
    version: str
    start_at: str


class StateMachine(Chain):
    """A definition that is written in Python: `document` is what it comes to.

    machine = StateMachine("ProcessOrder").task("Validate", "functions.orders.validate").succeed("Done")
    app.workflow(machine.name, machine.document)
    """

    def __init__(self, name: str, **options: Unpack[MachineOptions]) -> None:
        super().__init__()
        self.name = name
        said = fields(options)
        start = said.pop("StartAt", None)
        self._fields: dict[str, Any] = {**said, "StartAt": start, "States": None}

    @property
    def document(self) -> dict[str, Any]:
        """The definition as plain JSON. It is the caller's own: what becomes of it changes nothing here."""
        document = {**self._fields, "States": self.written()}
        if document["StartAt"] is None:
            document["StartAt"] = self.first
        return _copied(document)

    @classmethod
    def from_document(cls, document: Mapping[str, Any], *, name: str = "") -> Self:
        """Return a machine whose document is the same JSON; `InvalidValueError` for what has no States and StartAt.

        States that are added to it are led to by their names.
        """
        parse(document)
        machine, copied = cls(name), _copied(document)
        for state, said in copied["States"].items():
            if not is_mapping(said):
                raise InvalidValueError(f"the state {state!r} is no object")
            machine.put(state, dict(said))
        machine._fields = copied
        return machine


def _copied(document: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return deepcopy(dict(document))
    except RecursionError:
        raise InvalidValueError("the definition is nested too deeply") from None
