"""Mocks of tasks, from a file: what each state's task comes to, attempt by attempt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isthmus.errors import InvalidValueError
from isthmus.shapes import is_list, is_mapping, is_number, shown
from isthmus.workflows.frames import Call
from isthmus.workflows.interpreter.runner import Late
from isthmus.workflows.states_error import StatesError

_FORMS = ({"result"}, {"result", "seconds"}, {"error"}, {"error", "cause"}, {"seconds"})


class Mocks:
    """What tasks come to, by their states' names.

    An answer is `{"result": …}`, with `"seconds"` for how long it takes; `{"error": …, "cause": …}`; or
    `{"seconds": null}`, which never comes to anything. A list of answers is taken one by one, the last one again and
    again. `InvalidValueError` says what is none of these.
    """

    def __init__(self, document: object) -> None:
        if not is_mapping(document):
            raise InvalidValueError(f"the mocks are an object of answers by the names of states, not {shown(document)}")
        self._answers = {str(state): _answers(str(state), given) for state, given in document.items()}
        self._taken: dict[str, int] = {}

    def __contains__(self, state: str) -> bool:
        return state in self._answers

    def __call__(self, call: Call) -> Any:
        """Return what a task comes to, or raise what it fails by."""
        answers = self._answers.get(call.state)
        if not answers:
            raise InvalidValueError(
                f"there is no mock of the task {call.state!r}, which works on {shown(call.arguments)}"
            )
        number = self._taken.get(call.state, 0)
        self._taken[call.state] = number + 1
        return _come_to(answers[min(number, len(answers) - 1)])


def _answers(state: str, given: object) -> Sequence[Mapping[str, Any]]:
    answers: list[Mapping[str, Any]] = []
    for answer in given if is_list(given) else [given]:
        if is_mapping(answer) and _is_answer(answer):
            answers.append(answer)
        else:
            what = '{"result": …}, {"result": …, "seconds": 5}, {"error": …, "cause": …} or {"seconds": null}'
            raise InvalidValueError(f"the mock of {state!r} is {what}, or a list of these, not {shown(answer)}")
    return answers


def _is_answer(answer: Mapping[str, Any]) -> bool:
    if set(answer) not in _FORMS:
        return False
    if any(not isinstance(answer.get(name, ""), str) for name in ("error", "cause")):
        return False
    seconds = answer.get("seconds", 0)
    return (seconds is None and set(answer) == {"seconds"}) or (is_number(seconds) and seconds >= 0)


def _come_to(answer: Mapping[str, Any]) -> Any:
    if "error" in answer:
        raise StatesError(answer["error"], answer.get("cause", ""))
    return Late(answer["seconds"], answer.get("result")) if "seconds" in answer else answer.get("result")
