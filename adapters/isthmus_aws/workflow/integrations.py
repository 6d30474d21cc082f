"""What becomes of a Task that calls a service by the States Language's own URI: the names in it become real ones.

All else stays as its author wrote it. What an integration of Lambda gives to a function of the app is wrapped, as what
any task gives is; nobody sees that but the function's entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isthmus.shapes import is_list, is_mapping, is_text
from isthmus.workflows.names import Target
from isthmus.workflows.tasks import Task
from isthmus_aws.workflow import events
from isthmus_aws.workflow.addresses import Addresses
from isthmus_aws.workflow.languages import LANGUAGES, Language
from isthmus_aws.workflow.outcome import Fields, Outcome
from isthmus_aws.workflow.paths import COMPUTED
from isthmus_aws.workflow.tasks import check_lasts, connected, wrapped

_PAYLOAD = "Payload"


def written(target: Target, addresses: Addresses) -> Outcome:
    """Return the fields of an integrated Task with real names; `UnsayableError` for what AWS does otherwise."""
    task, fields = target.task, target.state.fields
    if task is None:
        return Outcome(fields)
    if task.action == "putEvents":
        return events.written(target, addresses)
    language = LANGUAGES[target.state.language]
    if task.pattern == "sync":
        check_lasts(target.resource)
    fields = {**fields, "Resource": addresses.integration(_integration(str(fields["Resource"])))}
    if task.kind == "http":
        return Outcome(connected(fields, language))
    arguments = _named(fields.get(language.arguments, {}), task.naming.split("."), _address(target, task, addresses))
    if task.kind == "function" and task.form != "sdk":
        arguments = _with_payload(arguments, language)
    return Outcome({**fields, language.arguments: arguments})


def _address(target: Target, task: Task, addresses: Addresses) -> str:
    return addresses.named(task.naming, target.resource)


def _integration(resource: str) -> str:
    """Return what stands after `arn:aws:states:::`, whatever the partition is."""
    return resource.partition(":states:::")[2]


def _named(arguments: Any, path: Sequence[str], address: str) -> Any:
    """Return arguments with an address at a path; in a list, of each entry."""
    if is_list(arguments):
        return [_named(entry, path, address) for entry in arguments]
    if not is_mapping(arguments):
        return arguments
    return {**arguments, path[0]: address if len(path) == 1 else _named(arguments.get(path[0]), path[1:], address)}


def _with_payload(arguments: Mapping[str, Any], language: Language) -> Fields:
    """Return the arguments of an invocation with the payload in its wrapper, where there is one."""
    for key in (_PAYLOAD, f"{_PAYLOAD}{COMPUTED}"):
        if key in arguments and (key == _PAYLOAD or is_text(arguments[key])):
            given = {key.replace(_PAYLOAD, "input"): arguments[key]}
            rest = {name: value for name, value in arguments.items() if name != key}
            return {**rest, _PAYLOAD: wrapped(language, given)}
    return arguments
