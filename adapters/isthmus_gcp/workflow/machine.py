"""A machine as a subworkflow: its states are steps, in their order, by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from isthmus.shapes import is_list, is_mapping, is_text
from isthmus.workflows.definition import NESTED, Machine, State
from isthmus.workflows.states_error import NO_CHOICE, RUNTIME
from isthmus_gcp.workflow import flow, spreads, tasks, templates, waits
from isthmus_gcp.workflow.conditions import Conditions
from isthmus_gcp.workflow.expressions import expression
from isthmus_gcp.workflow.failures import guarded, retries
from isthmus_gcp.workflow.refusal import Fault, UnportableError
from isthmus_gcp.workflow.scope import Scope
from isthmus_gcp.workflow.step_names import Names
from isthmus_gcp.workflow.steps import CONTEXT, Steps
from isthmus_gcp.workflow.targets import Targets

PARAMETERS = ("data", CONTEXT, "variables", "envelope")
"""What each machine's subworkflow takes: input, context object, assigned values, and what rides beside the input."""


class Workshop(Protocol):
    """What writing a machine needs of the whole."""

    targets: Targets
    timed: bool
    faults: list[Fault]

    def subworkflow(self, machine: Machine, wanted: str, nested: int) -> str:
        """Write another machine, and return the name of its subworkflow."""
        ...


class MachineWriter:
    """Writes one machine; `nested` is how many parallel steps are around it."""

    def __init__(self, workshop: Workshop, machine: Machine, name: str, nested: int) -> None:
        names = Names(frozenset({"init"}))
        self._workshop = workshop
        self._machine = machine
        self._name = name
        self._nested = nested
        self._steps = Steps(names)
        self._steps.timed = workshop.timed
        self._labels = {state: names.give(state) for state in machine.states}

    def write(self) -> Mapping[str, Any]:
        """Return the subworkflow; what has no counterpart is added to the workshop's faults."""
        states = list(self._machine.states.values())
        start = self._labels.get(self._machine.start_at)
        if start is None:
            self._fault(self._machine.pointer + "/StartAt", "it names no state")
        elif states and self._machine.start_at != states[0].name:
            self._steps.written.append({"init": {"next": start}})
        for state in states:
            self._state(state)
        return {"params": list(PARAMETERS), "steps": self._steps.written}

    def _fault(self, pointer: str, reason: str) -> None:
        self._workshop.faults.append(Fault(pointer, reason))

    def _state(self, state: State) -> None:
        self._steps.state(self._labels[state.name])
        try:
            self._written(state)
        except UnportableError as error:
            self._fault(state.pointer + error.under, error.reason)
        except ValueError as error:
            self._fault(state.pointer, str(error))

    def _written(self, state: State) -> None:
        if state.language != "JSONPath":
            raise UnportableError("its query language is JSONata, for which Workflows has no counterpart")
        write = self._types.get(state.type)
        if write is None:
            raise UnportableError(f"there is no type of state {state.type!r:.40}")
        write(state)

    def _context(self, state: State) -> None:
        """Let the context object tell of the state, where anything in it looks there."""
        if not _mentions_context(state):
            return
        about: dict[str, Any] = {
            "Name": self._steps.text(state.name),
            "EnteredTime": "${time.format(sys.now())}",
        }
        if state.type in ("Task", "Parallel", "Map"):
            about["RetryCount"] = retries(state)
        self._steps.assign(f'{CONTEXT}["State"]', about)

    def _left(self, state: State) -> Mapping[str, Any]:
        """Return what a step has that leaves the state."""
        if state.fields.get("End") or state.type == "Succeed":
            return {"return": "${data}"}
        return {"next": self._to(state.fields.get("Next"), "/Next")}

    def _to(self, name: Any, under: str) -> str:
        if not is_text(name) or name not in self._labels:
            raise UnportableError("it leads to no state", under)
        return self._labels[name]

    def _leave(self, state: State) -> None:
        left = self._left(state)
        if "next" in left:
            self._steps.jump(left["next"])
        else:
            self._steps.add(dict(left), "end")

    # types of states

    def _pass(self, state: State) -> None:
        self._context(state)
        if "Result" in state.fields:
            result = self._steps.let(self._steps.literal(state.fields["Result"]))
        else:
            result = flow.arguments(self._steps, state.fields)
        flow.leave(self._steps, state.fields, result)
        self._leave(state)

    def _succeed(self, state: State) -> None:
        self._context(state)
        flow.release(self._steps, state.fields, flow.effective(self._steps, state.fields))
        self._leave(state)

    def _fail(self, state: State) -> None:
        self._context(state)
        self._steps.add({"raise": {name: self._told(state, name) for name in ("Error", "Cause")}}, "fail")

    def _told(self, state: State, name: str) -> Any:
        if name in state.fields:
            if not is_text(state.fields[name]):
                raise UnportableError("it has to be a text", f"/{name}")
            return self._steps.text(state.fields[name])
        if f"{name}Path" not in state.fields:
            return ""
        with flow.within(f"{name}Path"):
            code = templates.computed(self._steps, state.fields[f"{name}Path"], Scope(flow.DATA))
        value = self._steps.let(expression(code))
        need = {
            "value": expression(value),
            "type": "string",
            "error": RUNTIME,
            "cause": f"{name}Path: no text",
        }
        self._steps.run("states_need", need, "need")
        return expression(value)

    def _wait(self, state: State) -> None:
        self._context(state)
        waits.wait(self._steps, state)
        data = flow.effective(self._steps, state.fields)
        flow.pass_on(self._steps, state.fields, state.fields, data)
        self._leave(state)

    def _choice(self, state: State) -> None:
        self._context(state)
        data = self._steps.short(flow.effective(self._steps, state.fields))
        conditions = Conditions(self._steps, Scope(data))
        rules = state.fields.get("Choices")
        for number, rule in enumerate(rules if is_list(rules) else []):
            with flow.within(f"Choices/{number}"):
                self._rule(state, rule if is_mapping(rule) else {}, conditions, data)
        self._default(state, data)

    def _rule(self, state: State, rule: Mapping[str, Any], conditions: Conditions, data: str) -> None:
        following = self._to(rule.get("Next"), "/Next")
        yes, no = self._steps.new_label("then"), self._steps.new_label("else")
        conditions.write(rule, yes, no)
        self._steps.label(yes)
        flow.pass_on(self._steps, state.fields, rule, data)
        self._steps.jump(following)
        self._steps.label(no)

    def _default(self, state: State, data: str) -> None:
        if "Default" in state.fields:
            flow.pass_on(self._steps, state.fields, state.fields, data)
            self._steps.jump(self._to(state.fields["Default"], "/Default"))
        else:
            cause = "No choice rule matched, and the state has no Default"
            self._steps.run("states_fail", {"error": NO_CHOICE, "cause": cause}, "none")

    def _task(self, state: State) -> None:
        self._guarded(state, lambda: tasks.work(self._steps, state, self._workshop.targets))

    def _parallel(self, state: State) -> None:
        spread = self._spread(state, "branch")
        self._guarded(state, lambda: spreads.parallel(self._steps, spread))

    def _map(self, state: State) -> None:
        spread = self._spread(state, "item")
        self._guarded(state, lambda: spreads.iterate(self._steps, spread))

    def _guarded(self, state: State, work: Callable[[], None]) -> None:
        def all_of_it() -> None:
            self._context(state)
            work()

        guarded(self._steps, state, all_of_it, left=self._left(state), to=self._labels)

    def _spread(self, state: State, what: str) -> spreads.Spread:
        sequential = self._nested >= 2 or spreads.is_one_by_one(state)
        inner = [
            self._workshop.subworkflow(
                machine, f"{self._labels[state.name]}_{what}_{number}", self._nested + (not sequential)
            )
            for number, machine in enumerate(state.machines, start=1)
        ]
        return spreads.Spread(state, inner, self._nested)

    @property
    def _types(self) -> Mapping[str, Callable[[State], None]]:
        return {
            "Pass": self._pass,
            "Succeed": self._succeed,
            "Fail": self._fail,
            "Wait": self._wait,
            "Choice": self._choice,
            "Task": self._task,
            "Parallel": self._parallel,
            "Map": self._map,
        }


def _mentions_context(state: State) -> bool:
    own = {name: value for name, value in state.fields.items() if name not in (*NESTED, "Branches")}
    return any("$$" in text for text in _texts(own))


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts in a value, however deep."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if is_text(found):
            yield found
        elif is_mapping(found):
            waiting.extend(found.values())
        elif is_list(found):
            waiting.extend(found)
