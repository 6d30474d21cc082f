"""The two query languages, as far as a state must be written anew in them: what its task gets, and what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from isthmus.workflows.definition import QueryLanguage
from isthmus_aws.workflow.json_path import JsonPath
from isthmus_aws.workflow.jsonata import Jsonata
from isthmus_aws.workflow.outcome import Fields, Outcome


class Language(Protocol):
    """How a query language says what stands in a state. `fields` are those of the state, as its author wrote them."""

    arguments: str
    """The field that has the arguments."""

    def given(self, fields: Fields, key: str) -> Fields:
        """Return the entry of a template, by the name `key`, that is what the state gives to its task."""
        ...

    def as_text(self, fields: Fields, key: str) -> Fields:
        """Return the same as JSON text."""
        ...

    def context(self, key: str, path: str) -> Fields:
        """Return the entry that is something of the context object: "Execution.Id"."""
        ...

    def envelopes(self, key: str) -> Fields:
        """Return the entry that lists the envelopes in the execution's input: one, or none."""
        ...

    def envelopes_as_text(self, key: str) -> Fields:
        """Return the same as JSON text."""
        ...

    def with_envelope(self, fields: Fields, key: str) -> Fields:
        """Return what the state gives to its task, with the envelope in it where it is an object and has none."""
        ...

    def merged(self, fields: Fields, entries: Mapping[str, Any]) -> Fields | None:
        """Return what the state gives to its task with `entries` added; None where that cannot be said."""
        ...

    def unique(self, key: str) -> Fields:
        """Return the entry that is an id of its own each time."""
        ...

    def as_value(self, given: Fields, *, is_text: bool) -> Fields:
        """Return an entry of JSON, or of text with JSON in it, as JSON; `is_text` where it can be text alone."""
        ...

    def as_events(self, fields: Fields) -> Fields:
        """Return the fields with which the result of publishing is that of putting one event."""
        ...

    def only(self, fields: Fields, key: str) -> Fields:
        """Return the fields with which the state's result is `{key: …}`, whatever else comes back beside it."""
        ...

    def within(self, fields: Fields, key: str) -> Outcome:
        """Return the fields with which the state's result is what stands at `key` of what comes back."""
        ...


LANGUAGES: Mapping[QueryLanguage, Language] = {"JSONPath": JsonPath(), "JSONata": Jsonata()}
