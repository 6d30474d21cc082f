"""One evaluation of an expression: bounded in time, in depth and in what it makes, and safe beside others."""

from __future__ import annotations

import copy
import math
import operator
import time
from collections.abc import Callable, Mapping
from typing import Any

from isthmus.shapes import is_list, is_mapping
from isthmus.workflows.jsonata import functions, library
from isthmus.workflows.jsonata.limits import DEPTH, ENTRIES, MADE, NATIVE, SECONDS, TooMuchError, Weights, check_size
from isthmus.workflows.tape import seconds_left

MAKING = frozenset(("binary", "unary", "function", "apply", "path", "wildcard", "descendant"))
"""The expressions that make new values: what they come to counts."""


HOOKS = "__evaluate_"
"""How the library's own hooks start, which it looks for at each step: there are none."""


class Names:
    """The variables that expressions see: what they hold is converted for the library when a first one asks."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self._converted: dict[str, Any] = {}

    def lookup(self, name: str) -> Any:
        """Return the value of a variable, as the library wants it; None where there is none."""
        if name in self._converted:
            return self._converted[name]
        if name.startswith(HOOKS):
            return None
        if name not in self.values:
            return functions.frame().lookup(name)
        return self._converted.setdefault(name, functions.with_nulls(self.values[name]))


class Evaluation:
    """One run of a parsed expression. The library's object is copied for it: nothing of it is shared."""

    def __init__(self, parsed: Any, names: Names) -> None:
        self._engine = copy.copy(parsed)
        self._names = names
        self._depth = self._native = 0
        self._made = 0
        self._weights = Weights()
        self._end = time.monotonic() + seconds_left(SECONDS)
        self._replace_parts()

    def run(self) -> Any:
        """Return what the expression comes to, in the library's own terms; it may raise anything."""
        jsonata = library.jsonata()
        engine = self._engine
        engine.timestamp = round(time.time() * 1000)
        own: dict[str, Any] = jsonata.CURRENT.__dict__  # what of it is this thread's
        before = own.get("jsonata")
        own["jsonata"] = engine  # the library's functions call back through this
        try:
            with library.deep():
                frame = jsonata.Frame(self._names)
                return engine.eval(engine.ast, None, frame)
        finally:
            own.pop("jsonata")
            own.update({} if before is None else {"jsonata": before})

    def _replace_parts(self) -> None:
        """Put our own in place of those parts of the library that are unbounded, or not as the language says."""
        engine = self._engine
        self._apply_inner = engine.apply_inner
        self._group = engine.evaluate_group_expression
        engine.parser = library.jsonata().get_parser()
        engine.eval = self._eval
        engine.apply_inner = self._applied
        engine.evaluate_numeric_expression = _numeric
        engine.evaluate_includes_expression = _includes
        engine.evaluate_range_expression = _range
        engine.evaluate_group_expression = self._grouped

    def _eval(self, expression: Any, value: Any, frame: Any) -> Any:
        if self._depth >= DEPTH:
            raise library.failure("D1011")
        if time.monotonic() > self._end:
            raise library.failure("D1012", int(SECONDS * 1000))
        engine = self._engine
        outer = engine.input, engine.environment
        self._depth += 1
        try:
            result = engine._eval(expression, value, frame)
        finally:
            self._depth -= 1
            engine.input, engine.environment = outer
        if getattr(expression, "type", None) in MAKING:
            self._check(result)
        return result

    def _check(self, result: Any) -> None:
        if isinstance(result, str) or is_list(result) or is_mapping(result):
            self._made += check_size(result)
            self._weights.weigh(result)
        if self._made > MADE:
            raise TooMuchError("all that is made")

    def _applied(self, procedure: Any, arguments: Any, value: Any, frame: Any) -> Any:
        if not self._engine.is_function_like(procedure):
            raise library.failure("T1006")  # the library prints something besides
        if not isinstance(procedure, library.jsonata().JFunction):
            return self._apply_inner(procedure, arguments, value, frame)
        if self._native >= NATIVE:
            raise library.failure("D1011")
        self._native += 1
        try:
            return self._apply_inner(procedure, arguments, value, frame)
        finally:
            self._native -= 1

    def _grouped(self, expression: Any, value: Any, frame: Any) -> Any:
        empty = is_list(value) and not value  # the library would put something into it
        return self._group(expression, library.utils().create_sequence() if empty else value, frame)


def _numeric(left: Any, right: Any, sign: str) -> Any:
    utils = library.utils()
    if left is not None and not utils.is_numeric(left):
        raise library.failure("T2001", sign, left)
    if right is not None and not utils.is_numeric(right):
        raise library.failure("T2002", sign, right)
    if left is None or right is None:
        return None
    if sign in "/%" and not right:
        raise library.failure("D1001", sign)
    return utils.convert_number(_OPERATIONS[sign](float(left), float(right)))


_OPERATIONS: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda left, right: left / right,
    "%": math.fmod,
}


def _includes(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return False
    same = library.utils().is_deep_equal
    return any(same(left, entry) for entry in (right if is_list(right) else [right]))


def _range(left: Any, right: Any) -> Any:
    for code, bound in (("T2003", left), ("T2004", right)):
        if bound is not None and (isinstance(bound, bool) or not isinstance(bound, int)):
            raise library.failure(code, bound)
    if left is None or right is None or left > right:
        return None
    if right - left >= ENTRIES:
        raise library.failure("D2014", right - left + 1)
    return library.utils().create_sequence_from_iter(range(left, right + 1))
