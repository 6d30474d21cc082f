"""States in JSONPath: `InputPath`, `Parameters`, `ResultSelector`, `ResultPath`, `OutputPath`, `Assign`.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isthmus.shapes import is_mapping
from isthmus_aws.workflow.outcome import Fields, Outcome, UnsayableError, as_json, parsed
from isthmus_aws.workflow.paths import COMPUTED, changed, computed, reads_root, rebased, rebased_template, roots

ENVELOPES = "$$.Execution.Input..isthmus"
"""An indefinite path: `[]` where the input has no envelope, or is no object. A definite one would fail the state."""

_ENVELOPE = "isthmus"

_EVENT = {"EventId.$": "$.MessageId"}
_EVENTS: Mapping[str, Any] = {
    "$": {"Entries": [_EVENT], "FailedEntryCount": 0},
    "$.Entries": [_EVENT],
    "$.Entries[0]": _EVENT,
    "$.FailedEntryCount": 0,
}
"""What paths of a result with one event stand for, where the result is that of publishing."""

_EVENT_ID = "$.Entries[0].EventId"


class JsonPath:
    """See `isthmus_aws.workflow.languages.Language`."""

    arguments = "Parameters"

    def given(self, fields: Fields, key: str) -> Fields:
        """Return the parameters, or the input that `InputPath` leaves of the state's."""
        return {key: fields["Parameters"]} if "Parameters" in fields else {f"{key}{COMPUTED}": "$"}

    def as_text(self, fields: Fields, key: str) -> Fields:
        """Return the same as text: an object where text is wanted is written as JSON by Step Functions itself.

        https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html
        """
        if "Parameters" not in fields:
            return {f"{key}{COMPUTED}": "States.JsonToString($)"}
        parameters = fields["Parameters"]
        if is_mapping(parameters):
            return {key: parameters}
        return {key: as_json(parameters, computes=any(computed(parameters)))}

    def context(self, key: str, path: str) -> Fields:
        """Return something of the context object."""
        return {f"{key}{COMPUTED}": f"$$.{path}"}

    def envelopes(self, key: str) -> Fields:
        """Return the envelopes in the execution's input."""
        return {f"{key}{COMPUTED}": ENVELOPES}

    def envelopes_as_text(self, key: str) -> Fields:
        """Return the same as text."""
        return {f"{key}{COMPUTED}": f"States.JsonToString({ENVELOPES})"}

    def with_envelope(self, fields: Fields, key: str) -> Fields:
        """Return what is given; where it is the state's own input, that has the envelope already."""
        parameters = fields.get("Parameters")
        if not is_mapping(parameters) or parameters.keys() & {_ENVELOPE, f"{_ENVELOPE}{COMPUTED}"}:
            return self.given(fields, key)
        return {key: {**parameters, **self.envelopes(_ENVELOPE)}}

    def merged(self, fields: Fields, entries: Mapping[str, Any]) -> Fields | None:
        """Return the parameters with `entries` added."""
        parameters = fields.get("Parameters")
        return {**parameters, **entries} if is_mapping(parameters) else None

    def unique(self, key: str) -> Fields:
        """Return the entry that is an id of its own each time."""
        return {f"{key}{COMPUTED}": "States.UUID()"}

    def as_value(self, given: Fields, *, is_text: bool) -> Fields:
        """Return an entry as JSON: of a plain path, what it selects, for no path tells text from an object."""
        ((key, value),) = given.items()
        if not key.endswith(COMPUTED):
            return {key: parsed(value)}
        is_text = is_text or str(value).startswith("States.JsonToString(")
        return {key: f"States.StringToJson({value})" if is_text else value}

    def as_events(self, fields: Fields) -> Fields:
        """Return the fields with a `ResultSelector` that tells of one event."""
        read = {name: _of_event(fields[name], name) for name in ("ResultSelector", "Assign") if name in fields}
        return {**fields, "ResultSelector": _EVENTS["$"], **read}

    def only(self, fields: Fields, key: str) -> Fields:
        """Return the fields with a `ResultSelector` that takes `key` alone."""
        chosen = {f"{key}{COMPUTED}": f"$.{key}"}
        whole = {
            name: _of_one(fields[name], key, chosen, name) for name in ("ResultSelector", "Assign") if name in fields
        }
        return {**fields, "ResultSelector": chosen, **whole}

    def within(self, fields: Fields, key: str) -> Outcome:
        """Return the fields in which each path of the result begins at `key`.

        No path says that what is at `key` goes to a `ResultPath` within the input. There a Pass that follows does it.
        """
        inner = f"$.{key}"
        if "ResultSelector" in fields:
            return Outcome(_selected(fields, inner))
        assigned = {"Assign": rebased_template(fields["Assign"], inner)} if "Assign" in fields else {}
        path = fields.get("ResultPath", "$")
        if path is None:
            return Outcome({**fields, **assigned})
        if path != "$":
            return _placed({**fields, **assigned}, path, key)
        output = fields.get("OutputPath", "$")
        return Outcome({**fields, **assigned, "OutputPath": None if output is None else rebased(output, inner)})


def _of_one(template: Any, key: str, chosen: Fields, field: str) -> Any:
    """Return a template that reads `{key: …}`, as it reads that out of a larger result."""
    for path in computed(template):
        if path != "$" and not all(rest.startswith((f".{key}", f"['{key}']")) for rest in roots(path)):
            raise UnsayableError(
                f"{field}: {path!r} reads more than the {key} of the result, which on AWS has more in it than {key}: "
                f"read '$.{key}'"
            )
    return changed(template, lambda name, path: (name.removesuffix(COMPUTED), chosen) if path == "$" else (name, path))


def _of_event(template: Any, field: str) -> Any:
    """Return a template that reads the result of publishing, as it reads that of putting one event."""
    known = {*_EVENTS, _EVENT_ID}
    for path in computed(template):
        if path not in known and reads_root(path) and not path.startswith("$.Sdk"):
            raise UnsayableError(f"{field}: {path!r} is no path of what putting an event comes to: {sorted(known)}")

    def told(name: str, path: str) -> tuple[str, Any]:
        if path == _EVENT_ID:
            return name, "$.MessageId"
        return (name.removesuffix(COMPUTED), _EVENTS[path]) if path in _EVENTS else (name, path)

    return changed(template, told)


def _selected(fields: Fields, inner: str) -> Fields:
    if any(reads_root(path) for path in computed(fields.get("Assign"))):
        raise UnsayableError(
            "its Assign reads the result that its ResultSelector changes: assign in a Pass that follows"
        )
    return {**fields, "ResultSelector": rebased_template(fields["ResultSelector"], inner)}


def _placed(fields: Fields, path: str, key: str) -> Outcome:
    onward = {name: fields[name] for name in ("Next", "End", "OutputPath") if name in fields}
    task = {name: value for name, value in fields.items() if name not in onward}
    selector = {f"{key}{COMPUTED}": f"$.{key}"}
    then = {"Type": "Pass", "InputPath": f"{path}.{key}", "ResultPath": path, **onward}
    return Outcome({**task, "ResultSelector": selector}, then)
