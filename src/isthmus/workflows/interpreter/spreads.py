"""Parallel and Map: the frames below a frame, how many of them run at once, and what becomes of their outputs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from isthmus.shapes import is_list, is_mapping, is_number
from isthmus.workflows.dataflow import Flowed, Scope
from isthmus.workflows.definition import State
from isthmus.workflows.frames import Frame, Join
from isthmus.workflows.interpreter import limits, values
from isthmus.workflows.interpreter.program import Step
from isthmus.workflows.interpreter.turn import Turn, token
from isthmus.workflows.states_error import ITEM_READER, QUERY, RESULT_WRITER, RUNTIME, StatesError

INLINE_CONCURRENCY = 40
"""How many iterations of an inline Map run at once at most, as Step Functions has it."""

DISTRIBUTED_CONCURRENCY = 1000
"""The same for a distributed one: fewer than its 10,000, because one ledger has them all."""


def enter_parallel(turn: Turn, frame: Frame, step: Step) -> None:
    """Start the branches of a Parallel."""
    branches = step.state.machines
    frame.arguments = step.flow.arguments(step.state, turn.scope(frame, step))
    turn.record("ParallelStateStarted", frame, {})
    _spread(turn, frame, Join(frame.id, len(branches)))


def enter_map(turn: Turn, frame: Frame, step: Step) -> None:
    """Start the iterations of a Map, or have its items read first."""
    writer = step.state.fields.get("ResultWriter")
    if is_mapping(writer) and writer.get("Resource"):
        raise StatesError(RESULT_WRITER, "a ResultWriter is not supported: a Map's results are its output")
    if is_mapping(step.state.fields.get("ItemReader")):
        _read(turn, frame, step)
    else:
        iterate(turn, frame, step, _items(turn, frame, step))


def iterate(turn: Turn, frame: Frame, step: Step, items: Sequence[Any]) -> None:
    """Start the iterations of a Map over its items."""
    scope = turn.scope(frame, step)
    if not step.state.machines:
        raise StatesError(RUNTIME, f"the Map {frame.state[:80]!r} has no ItemProcessor")
    most = DISTRIBUTED_CONCURRENCY if step.distributed else INLINE_CONCURRENCY
    concurrency = min(values.whole(step, "MaxConcurrency", scope) or most, most)
    join = tolerance(step, scope, 0)
    items = _batches(turn, frame, step, items)
    turn.record("MapStateStarted", frame, {"length": len(items)})
    frame.arguments = None
    turn.ledger.spread(frame.id, items)
    join.frame, join.total, join.concurrency = frame.id, len(items), concurrency
    _spread(turn, frame, join)


def tolerance(step: Step, scope: Scope, total: int) -> Join:
    """Return how many iterations of a Map may fail: where that is unsaid, none of a distributed one's."""
    tolerated = values.whole(step, "ToleratedFailureCount", scope)
    share = values.share(step, "ToleratedFailurePercentage", scope)
    if not step.distributed:
        return Join(0, total, iterates=True)
    return Join(0, total, iterates=True, tolerated=0 if tolerated is None and share is None else tolerated, share=share)


def too_many(join: Join, failed: int) -> bool:
    """Tell whether more iterations have failed than may."""
    many = join.tolerated is not None and failed > join.tolerated
    return many or (join.share is not None and failed * 100 > join.share * join.total)


def _spread(turn: Turn, frame: Frame, join: Join) -> None:
    frame.waiting = "frames"
    frame.deadline = frame.missed = None
    turn.ledger.keep(join)
    turn.wait(frame)
    turn.spreads[frame.id] = None


def refillable(join: Join) -> bool:
    """Tell whether another frame may be started."""
    running = join.started - join.ended
    return join.started < join.total and (not join.concurrency or running < join.concurrency)


def start(turn: Turn, frame: Frame, step: Step, join: Join) -> Frame:
    """Start one more frame below a frame; its input may fail to be computed."""
    index = join.started
    child = _branch(frame, step, index) if step.type == "Parallel" else _iteration(turn, frame, step, index)
    join.started += 1
    turn.ledger.keep(join)
    child.id = turn.ledger.add(child)
    if step.type == "Map":
        turn.record("MapIterationStarted", frame, {"name": frame.state, "index": index})
    return child


def _branch(frame: Frame, step: Step, index: int) -> Frame:
    machine = step.state.machines[index]
    return Frame(
        machine=machine.pointer,
        state=machine.start_at,
        input=frame.arguments,
        parent=frame.id,
        index=index,
        item=frame.item,
        variables=frame.variables,
    )


def _iteration(turn: Turn, frame: Frame, step: Step, index: int) -> Frame:
    machine = step.state.machines[0]
    item = {"Index": index, "Value": turn.ledger.item(frame.id, index)}
    return Frame(
        machine=machine.pointer,
        state=machine.start_at,
        input=item["Value"] if _batched(step) else selected(turn, frame, step, item),
        parent=frame.id,
        index=index,
        item=item,
        variables={} if step.distributed else frame.variables,
    )


def selected(turn: Turn, frame: Frame, step: Step, item: Mapping[str, Any]) -> Any:
    """Return the input of one iteration."""
    if "ItemSelector" not in step.state.fields and "Parameters" not in step.state.fields:
        return item["Value"]
    scope = turn.scope(frame, step)
    scope.context = {**scope.context, "Map": {"Item": item}}
    chosen = step.flow.item(step.state, scope)
    limits.check(chosen, frame.state)
    return chosen


def result(turn: Turn, frame: Frame, step: Step) -> Flowed:
    """Return what leaves a state when all frames below it have ended."""
    outputs = turn.ledger.outputs(frame.id)
    turn.record(f"{step.type}StateSucceeded", frame, {})
    flowed = step.flow.output(step.state, turn.scope(frame, step), outputs)
    turn.ledger.forget(frame.id)
    return flowed


# the items of a Map


def _items(turn: Turn, frame: Frame, step: Step) -> Sequence[Any]:
    items = step.flow.items(step.state, turn.scope(frame, step))
    if is_list(items):
        return items
    raise no_list(step, items)


def no_list(step: Step, items: Any) -> StatesError:
    """Return the failure of a Map whose items are no list."""
    if step.state.language == "JSONata":
        found = type(items).__name__
        return StatesError(QUERY, f"the field 'Items' returned an unexpected result type: an array, not {found}")
    path = str(step.state.fields.get("ItemsPath", "$"))
    return StatesError(RUNTIME, f'Reference path "{path[:200]}" must point to array.')


def _read(turn: Turn, frame: Frame, step: Step) -> None:
    """Have the items read: the reader's Resource is called as that of a task would be."""
    reader = step.state.fields["ItemReader"]
    frame.token, frame.waiting = token(), "task"
    fields = {**reader, "Type": "Task"}
    state = State(frame.state, f"{step.state.pointer}/ItemReader", fields, step.state.language)
    frame.arguments = step.flow.arguments(state, turn.scope(frame, step))
    turn.wait(frame)
    call_reader(turn, frame, step)


def call_reader(turn: Turn, frame: Frame, step: Step) -> None:
    """Ask for the work of a Map's reader."""
    reader = step.state.fields["ItemReader"]
    turn.call(frame, step, resource=str(reader.get("Resource", "")))


def items_read(step: Step, result: Any) -> Sequence[Any]:
    """Return the items of what a reader came to: a list, or an object whose `Body` is the text of one."""
    reader = step.state.fields["ItemReader"]
    given = reader.get("ReaderConfig")
    config: Mapping[str, Any] = given if is_mapping(given) else {}
    kind = config.get("InputType", "JSON")
    if kind != "JSON" and not is_list(result):
        raise StatesError(ITEM_READER, f"items of InputType {str(kind)[:40]!r} are not supported: only JSON is")
    try:
        items = json.loads(result["Body"]) if is_mapping(result) and isinstance(result.get("Body"), str) else result
    except (ValueError, RecursionError) as error:
        raise StatesError(ITEM_READER, f"the items are no JSON: {error}") from error
    if not is_list(items):
        raise StatesError(ITEM_READER, "Attempting to map over non-iterable node.")
    most = config.get("MaxItems")
    return items[: int(most)] if is_number(most) and most > 0 else items


def _batched(step: Step) -> bool:
    return is_mapping(step.state.fields.get("ItemBatcher"))


def _batches(turn: Turn, frame: Frame, step: Step, items: Sequence[Any]) -> Sequence[Any]:
    """Return the batches of items that ItemBatcher asks for, each the input of one iteration; or the items."""
    if not _batched(step):
        return items
    batcher = step.state.fields["ItemBatcher"]
    state = State(frame.state, step.state.pointer, {**batcher, "Type": "Task"}, step.state.language)
    scope = turn.scope(frame, step)
    given: dict[str, Any] = {}
    if "BatchInput" in batcher:
        name = "Arguments" if step.state.language == "JSONata" else "Parameters"
        asked = State(frame.state, state.pointer, {"Type": "Task", name: batcher["BatchInput"]}, state.language)
        given["BatchInput"] = step.flow.arguments(asked, scope)
    most = _most(step, state, "MaxItemsPerBatch", scope)
    bytes_most = _most(step, state, "MaxInputBytesPerBatch", scope) or limits.BYTES
    batches: list[Any] = []
    taken = 0
    for index, value in enumerate(items):
        item = selected(turn, frame, step, {"Index": index, "Value": value})
        length = limits.size(item) + 1
        if not batches or len(batches[-1]["Items"]) == most or taken + length > bytes_most:
            batches.append({**given, "Items": []})
            taken = limits.size(batches[-1])
        batches[-1]["Items"].append(item)
        taken += length
    return batches


def _most(step: Step, state: State, name: str, scope: Any) -> int | None:
    if name not in state.fields and f"{name}Path" not in state.fields:
        return None
    value = step.flow.field(state, name, scope)
    if not is_number(value) or value < 1 or value != int(value):
        raise values.wrong(step, name, value, "integer")
    return int(value)
