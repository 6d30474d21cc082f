"""States in JSONata: `Arguments`, `Output`, `Assign`.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isthmus.shapes import is_mapping, is_text
from isthmus_aws.workflow.expressions import code_of, computes, expression, is_expression, with_result
from isthmus_aws.workflow.outcome import Fields, Outcome, as_json, parsed

_INPUT = "$states.context.Execution.Input.isthmus"
_ENVELOPE = "isthmus"
_EVENTS = '({"Entries": [{"EventId": $states.result.MessageId}], "FailedEntryCount": 0})'
_LISTED = "$listed := $string([$given]); $substring($listed, 1, $length($listed) - 2)"
_AS_JSON = f'$type($given) = "string" ? ({_LISTED}) : $string($given)'
"""Text as JSON is in quotes, and `$string` leaves text as it is: only within a list it quotes it."""

_ONE = f'$type({_INPUT}) = "object" ? {_INPUT} : {{}}'


class Jsonata:
    """See `isthmus_aws.workflow.languages.Language`. What an expression does not find would fail the state."""

    arguments = "Arguments"

    def given(self, fields: Fields, key: str) -> Fields:
        """Return the arguments, or the state's input."""
        return {key: fields.get("Arguments", expression("$states.input"))}

    def as_text(self, fields: Fields, key: str) -> Fields:
        """Return the same as text: an object where text is wanted is written as JSON by Step Functions itself."""
        arguments = fields.get("Arguments", expression("$states.input"))
        if is_expression(arguments):
            return {key: expression(f"($given := ({code_of(arguments)}); {_AS_JSON})")}
        return {key: arguments if is_mapping(arguments) else as_json(arguments, computes=computes(arguments))}

    def context(self, key: str, path: str) -> Fields:
        """Return something of the context object."""
        return {key: expression(f"$states.context.{path}")}

    def envelopes(self, key: str) -> Fields:
        """Return the envelopes in the execution's input; an array, for it is empty where there is none."""
        return {key: expression(f"[{_INPUT}]")}

    def envelopes_as_text(self, key: str) -> Fields:
        """Return the same as text."""
        return {key: expression(f"$string([{_INPUT}])")}

    def with_envelope(self, fields: Fields, key: str) -> Fields:
        """Return what is given, with the envelope where it is an object."""
        arguments = fields.get("Arguments")
        if is_mapping(arguments):
            return {key: {_ENVELOPE: expression(_ONE), **arguments}}
        if not is_text(arguments) or not is_expression(arguments):
            return self.given(fields, key)
        given = f'$type($given) = "object" ? $merge([{{"{_ENVELOPE}": {_ONE}}}, $given]) : $given'
        return {key: expression(f"($given := ({code_of(arguments)}); {given})")}

    def merged(self, fields: Fields, entries: Mapping[str, Any]) -> Fields | None:
        """Return the arguments with `entries`, which are no expressions, added."""
        arguments = fields.get("Arguments", expression("$states.input"))
        if is_mapping(arguments):
            return {**arguments, **entries}
        return None

    def unique(self, key: str) -> Fields:
        """Return the entry that is an id of its own each time."""
        return {key: expression("$uuid()")}

    def as_value(self, given: Fields, *, is_text: bool) -> Fields:
        """Return an entry as JSON: what is computed is looked at, so that nothing need be known of it before."""
        ((key, value),) = given.items()
        if not is_expression(value):
            return {key: parsed(value)}
        return {key: expression(f'($given := ({code_of(value)}); $type($given) = "string" ? $parse($given) : $given)')}

    def as_events(self, fields: Fields) -> Fields:
        """Return the fields in which the result tells of one event."""
        return _reading(fields, _EVENTS, expression(_EVENTS))

    def only(self, fields: Fields, key: str) -> Fields:
        """Return the fields in which the result is an object of `key` alone."""
        return _reading(fields, f'$states.result.{{"{key}": {key}}}', {key: expression(f"$states.result.{key}")})

    def within(self, fields: Fields, key: str) -> Outcome:
        """Return the fields in which the result is what stands at `key`."""
        return Outcome(_reading(fields, f"$states.result.{key}", expression(f"$states.result.{key}")))


def _reading(fields: Fields, result: str, output: Any) -> Fields:
    """Return the fields of a state whose result is the value of the JSONata `result`: `output`, where it says none."""
    read = {name: with_result(fields[name], result) for name in ("Output", "Assign") if name in fields}
    return {**fields, "Output": output, **read}
