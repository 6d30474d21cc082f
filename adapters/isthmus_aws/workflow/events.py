"""What becomes of a Task that puts an event on a bus: it publishes the event to the topic that stands for the bus.

The message is the event as its receivers get it, see `isthmus.workflows.integrations.topic`. Its id is one of its own:
what the task comes to has the message's id, the only one that is known after it.
https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
"""

from __future__ import annotations

from typing import Any

from isthmus.shapes import is_list, is_mapping, shown
from isthmus.workflows.integrations.topic import ENTRY
from isthmus.workflows.names import Target
from isthmus_aws.workflow.addresses import Addresses
from isthmus_aws.workflow.languages import LANGUAGES, Language
from isthmus_aws.workflow.outcome import Fields, Outcome, UnsayableError
from isthmus_aws.workflow.paths import COMPUTED
from isthmus_aws.workflow.tasks import CALLBACK, attributes


def written(target: Target, addresses: Addresses) -> Outcome:
    """Return the fields of a Task that publishes its one event; `UnsayableError` where there are more of them."""
    fields, language = target.state.fields, LANGUAGES[target.state.language]
    entry = _only(fields[language.arguments]["Entries"])
    is_text = target.task is not None and target.task.form == "sdk"
    waits = CALLBACK if target.task is not None and target.task.pattern == "callback" else ""
    arguments = {
        "TopicArn": addresses.arn(target.resource),
        "Message": _message(entry, language, is_text=is_text),
        "MessageAttributes": {**attributes(language)["MessageAttributes"], **_attributes(entry)},
    }
    publishing = {**fields, "Resource": addresses.integration(f"sns:publish{waits}"), language.arguments: arguments}
    return Outcome(publishing if waits else language.as_events(publishing))


def _only(entries: Any) -> Fields:
    """Return the one event of a task."""
    if not is_list(entries):
        raise UnsayableError("its Entries are no list")
    if len(entries) != 1:
        raise UnsayableError(
            f"a topic takes one event of a task, and not {len(entries)}: put each by a Task of its own"
        )
    entry: Any = entries[0]
    if not is_mapping(entry):
        raise UnsayableError(f"an event is an object, not {shown(entry)}")
    unknown = sorted({name.removesuffix(COMPUTED) for name in entry} - ENTRY)
    if unknown:
        raise UnsayableError(f"an event has no {shown(unknown[0])}: it has {', '.join(sorted(ENTRY))}")
    return entry


def _message(entry: Fields, language: Language, *, is_text: bool) -> Fields:
    return {
        "version": "0",
        **language.unique("id"),
        **_required(entry, "DetailType", "detail-type"),
        **_required(entry, "Source", "source"),
        **(_renamed(entry, "Time", "time") or language.context("time", "State.EnteredTime")),
        **(_renamed(entry, "Resources", "resources") or {"resources": []}),
        **language.as_value(_required(entry, "Detail", "detail"), is_text=is_text),
    }


def _attributes(entry: Fields) -> Fields:
    return {
        "source": {"DataType": "String", **_required(entry, "Source", "StringValue")},
        "detail-type": {"DataType": "String", **_required(entry, "DetailType", "StringValue")},
    }


def _required(entry: Fields, name: str, key: str) -> Fields:
    found = _renamed(entry, name, key)
    if not found:
        raise UnsayableError(f"its event has no {name}")
    return found


def _renamed(entry: Fields, name: str, key: str) -> Fields:
    """Return what an event says of something by another name, be it computed; nothing where it says nothing."""
    way = next((way for way in ("", COMPUTED) if f"{name}{way}" in entry), None)
    return {} if way is None else {f"{key}{way}": entry[f"{name}{way}"]}
