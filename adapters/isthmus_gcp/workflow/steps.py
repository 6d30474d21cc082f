"""A list of steps that is being written: assignments are put together, steps get their names, jumps their labels."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from isthmus.shapes import is_list, is_mapping
from isthmus_gcp.workflow import limits
from isthmus_gcp.workflow.expressions import SHORT, checked_number, expression, is_plain, literal
from isthmus_gcp.workflow.refusal import UnportableError
from isthmus_gcp.workflow.step_names import Names

DEEPEST = 60
"""How deep a literal of the document may be nested, to be written as YAML."""

CONTEXT = "context"
"""The variable with the context object, which is `$$`."""

UNTIL = "${envelope.until}"
"""When the execution's time is over, where that is limited."""

Step = dict[str, Any]


class Steps:
    """The steps of one subworkflow, `names` being those of its steps.

    What is nested within a step (`try`, a branch, an iteration) is written by the same object, see `nested`. `context`
    is the variable with the context object that the fields of the state see, `temporary` begins the names of variables,
    `timed` says that the execution's time is limited.
    """

    def __init__(self, names: Names) -> None:
        self.written: list[dict[str, Step]] = []
        self.temporary = "t"
        self.context = CONTEXT
        self.timed = False
        self._names = names
        self._prefix = "init"
        self._labels: list[str] = []
        self._open: list[dict[str, Any]] | None = None
        self._used = 0

    def state(self, name: str) -> None:
        """Begin the steps of a state: `name` is that of the first, and begins those of the others."""
        self._prefix = name
        self._used = 0
        self.context = CONTEXT
        self.label(name)

    def new_label(self, hint: str) -> str:
        """Return the name of a step that is yet to come."""
        return self._names.give(f"{self._prefix}_{hint}")

    def label(self, name: str) -> None:
        """Let the next step have a name, which was given before."""
        self._labels.append(name)
        self._open = None

    def add(self, step: Step, hint: str = "step") -> None:
        """Write a step; `hint` says what it does, where it has no label."""
        self._open = None
        self._write(step, hint)

    def _write(self, step: Step, hint: str) -> None:
        *others, name = self._labels or [self._names.give(f"{self._prefix}_{hint}")]
        self.written.extend({other: {"next": name}} for other in others)
        self._labels = []
        self.written.append({name: step})

    def assign(self, variable: str, value: Any) -> None:
        """Assign a value of YAML, in the same step as what was assigned just before."""
        if self._open is None or len(self._open) >= limits.ASSIGNMENTS:
            found: list[dict[str, Any]] = []
            self._write({"assign": found}, "data")
            self._open = found
        self._open.append({variable: value})

    def variable(self) -> str:
        """Return the name of a variable that is not used yet in this state."""
        self._used += 1
        return f"{self.temporary}{self._used}"

    def let(self, value: Any) -> str:
        """Return a new variable with a value of YAML."""
        name = self.variable()
        self.assign(name, value)
        return name

    def short(self, code: str) -> str:
        """Return code that is short: what is not is put into a variable."""
        return code if len(code) <= SHORT else self.let(expression(code))

    def call(self, function: str, arguments: Mapping[str, Any], hint: str = "data", result: str = "") -> str:
        """Call a function or subworkflow, and return the variable of what it returns."""
        name = result or self.variable()
        self.add({"call": function, "args": dict(arguments), "result": name}, hint)
        return name

    def run(self, function: str, arguments: Mapping[str, Any], hint: str) -> None:
        """Call what returns nothing that matters."""
        self.add({"call": function, "args": dict(arguments)}, hint)

    def sleep(self, seconds: Any) -> None:
        """Wait, at most until the execution's time is over."""
        if self.timed:
            self.run("states_sleep", {"until": UNTIL, "seconds": seconds}, "sleep")
        else:
            self.run("sys.sleep", {"seconds": seconds}, "sleep")

    def seconds(self, most: Any) -> Any:
        """Return how long something may take, as a value of YAML: at most what is left of the execution's time."""
        if not self.timed:
            return most
        return expression(self.call("states_left", {"until": UNTIL, "seconds": most}, "left"))

    def name_error(self, result: str) -> None:
        """Name the error `e` that was caught."""
        self.call("states_error", {"e": "${e}"}, "error", result)
        if self.timed:
            self.call("states_late", {"error": expression(result), "until": UNTIL}, "late", result)

    def jump(self, to: str) -> None:
        """Go on at a step."""
        last = self.written[-1] if self.written and not self._labels else None
        step = next(iter(last.values())) if last else None
        self._open = None
        if step is not None and "next" not in step and set(step) <= {"assign", "call", "args", "result", "switch"}:
            step["next"] = to
        else:
            self._write({"next": to}, "next")

    def branch(self, condition: str, to: str, hint: str = "choice") -> None:
        """Go on at a step if the code is true, else at the following one."""
        self.add({"switch": [{"condition": expression(condition), "next": to}]}, hint)

    @contextmanager
    def nested(self) -> Generator[list[dict[str, Step]]]:
        """Write what follows to a list of its own, which stands within another step."""
        outside, labels = self.written, self._labels
        self.written, self._labels, self._open = [], [], None
        inside = self.written
        try:
            yield inside
        finally:
            if self._labels:
                self._write({"assign": []}, "end")
            self.written, self._labels, self._open = outside, labels, None

    def literal(self, value: Any, depth: int = 0) -> Any:
        """Return a JSON value as the value of YAML that means it, whatever text is in it."""
        if depth > DEEPEST:
            raise UnportableError(f"a value that is nested more than {DEEPEST} deep")
        if isinstance(value, str):
            return self.text(value)
        if is_mapping(value):
            return {self.text(str(key)): self.literal(inner, depth + 1) for key, inner in value.items()}
        if is_list(value):
            return [self.literal(inner, depth + 1) for inner in value]
        return checked_number(value)

    def text(self, value: str) -> str:
        """Return text as the value of YAML that means it: `${` would begin an expression."""
        _check(value)
        if "${" not in value:
            return value
        mark = "$~{"
        while mark in value:
            mark = mark.replace("~", "~~", 1)
        kept = self.let(value.replace("${", mark))
        return expression(f'text.replace_all({kept}, "{mark}", "$" + "{{")')

    def code(self, value: str) -> str:
        """Return text as code."""
        if is_plain(value):
            return literal(value)
        return self.let(self.text(value))


def _check(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UnportableError("text with half a surrogate pair, which is no UTF-8") from None
