"""Intrinsic functions as code: each is a helper, so that a wrong argument is `States.IntrinsicFailure`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from isthmus.workflows.json_path.intrinsics import Argument, Call, Text, Value, parse, template_parts
from isthmus.workflows.json_path.segments import Path
from isthmus_gcp.workflow.expressions import expression
from isthmus_gcp.workflow.paths import read_path
from isthmus_gcp.workflow.refusal import UnportableError
from isthmus_gcp.workflow.scope import Scope
from isthmus_gcp.workflow.steps import Steps

HELPERS: Mapping[str, tuple[str, ...]] = {
    "States.StringToJson": ("value",),
    "States.ArrayPartition": ("values", "size"),
    "States.ArrayContains": ("values", "value"),
    "States.ArrayRange": ("start", "stop", "step"),
    "States.ArrayGetItem": ("values", "index"),
    "States.ArrayLength": ("values",),
    "States.ArrayUnique": ("values",),
    "States.Base64Encode": ("value",),
    "States.Base64Decode": ("value",),
    "States.Hash": ("value", "algorithm"),
    "States.JsonMerge": ("left", "right", "deep"),
    "States.MathAdd": ("left", "right"),
    "States.StringSplit": ("value", "delimiters"),
}
"""A function → the parameters of its helper, `states_…`."""


def read(steps: Steps, text: str, scope: Scope) -> str:
    """Return the code of what an intrinsic function returns."""
    return _call(steps, parse(text), scope)


def _call(steps: Steps, call: Call, scope: Scope) -> str:
    own = _OWN.get(call.function)
    if own is not None:
        return own(steps, call, scope)
    parameters = HELPERS.get(call.function, ())
    if len(parameters) != len(call.arguments):
        raise UnportableError(f"{call.function} with {len(call.arguments)} arguments")
    values = [_value(steps, argument, scope) for argument in call.arguments]
    name = call.function.rpartition(".")[2]
    return steps.call(f"states_{name}", dict(zip(parameters, values, strict=True)), name)


def _value(steps: Steps, argument: Argument, scope: Scope) -> Any:
    """Return an argument as a value of YAML."""
    if isinstance(argument, Text):
        return steps.text(argument.value)
    if isinstance(argument, Value):
        return steps.literal(argument.value)
    code = read_path(steps, argument, scope) if isinstance(argument, Path) else _call(steps, argument, scope)
    return expression(steps.short(code))


def _array(steps: Steps, call: Call, scope: Scope) -> str:
    return steps.let([_value(steps, argument, scope) for argument in call.arguments])


def _json(steps: Steps, call: Call, scope: Scope) -> str:
    value = steps.let(_value(steps, call.arguments[0], scope))
    return f"json.encode_to_string({value})"


def _uuid(steps: Steps, call: Call, scope: Scope) -> str:
    return steps.let(expression("uuid.generate()"))


def _format(steps: Steps, call: Call, scope: Scope) -> str:
    template, *others = call.arguments
    pieces: Any
    if isinstance(template, Text):
        parts: Sequence[str] = template_parts(template.raw)
        if len(parts) != len(others) + 1:
            what = f"States.Format has {len(parts) - 1} places for {len(others)} values"
            raise UnportableError(f"{what}, which always fails")
        pieces = [steps.text(part) for part in parts]
    else:
        pieces = expression(steps.call("states_pieces", {"template": _value(steps, template, scope)}, "template"))
    values = [_value(steps, argument, scope) for argument in others]
    return steps.call("states_Format", {"pieces": pieces, "values": values}, "Format")


def _random(steps: Steps, call: Call, scope: Scope) -> str:
    """With a seed, the number is the same each time, though not that which another provider would choose."""
    values = [_value(steps, argument, scope) for argument in call.arguments]
    if len(values) > 2:
        digits: Any = expression(steps.call("states_seed", {"value": values[2]}, "seed"))
    else:
        digits = expression("uuid.generate()")
    return steps.call("states_MathRandom", {"start": values[0], "stop": values[1], "digits": digits}, "MathRandom")


_OWN: Mapping[str, Callable[[Steps, Call, Scope], str]] = {
    "States.Array": _array,
    "States.JsonToString": _json,
    "States.UUID": _uuid,
    "States.MathRandom": _random,
    "States.Format": _format,
}
