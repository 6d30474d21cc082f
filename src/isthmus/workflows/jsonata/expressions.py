"""Expressions of JSONata, as they stand in a definition: `{% … %}`, all of a text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from isthmus.errors import MissingExtraError
from isthmus.shapes import is_list, is_mapping, shown
from isthmus.workflows.jsonata import functions, library
from isthmus.workflows.jsonata.evaluation import Evaluation, Names
from isthmus.workflows.tape import computed

EXACT = 2**53
"""Numbers with a fraction of zero are integers up to here; beyond, a float is what it is."""

LONGEST = 100_000
"""The most characters of an expression."""


class Undefined:
    """What an expression comes to that finds nothing: no value, not even null."""


UNDEFINED = Undefined()


class ExpressionError(ValueError):
    """An expression could not be evaluated: why, in the words that the cause of the failure has."""


def evaluate(expression: str, names: Names) -> Any:
    """Return what an expression comes to, as JSON, or `UNDEFINED`; `ExpressionError` says why it cannot be."""
    found = computed((expression, names.values), lambda: _come_to(expression, names))
    if isinstance(found, ExpressionError):
        raise found
    return found


def _come_to(expression: str, names: Names) -> Any:
    """Return what an expression comes to, or the error that says why it comes to nothing."""
    try:
        result = Evaluation(_parsed(expression), names).run()
        return UNDEFINED if result is None else _json(result)
    except ExpressionError as error:
        return error
    except MissingExtraError:
        raise
    except Exception as error:
        failed = ExpressionError(f"threw an error during evaluation. {_said(error)}")
        failed.__cause__ = error
        return failed


def syntax(expression: str) -> str | None:
    """Return what is wrong with the syntax of an expression (the text within `{% … %}`); None where nothing is."""
    try:
        parsed = _parsed(expression)
        found = [name for name in functions.FORBIDDEN if _calls(parsed.ast, name)]
    except MissingExtraError:
        raise
    except Exception as error:
        return _said(error)
    return f"${found[0]} is not supported" if found else None


@lru_cache(maxsize=2048)
def _parsed(expression: str) -> Any:
    if len(expression) > LONGEST:
        raise ExpressionError(f"an expression has at most {LONGEST:,} characters, and this one has {len(expression):,}")
    return library.parse(expression)


def _calls(ast: Any, name: str) -> bool:
    """Return whether a variable of this name, which a function is, stands anywhere in a parsed expression."""
    waiting: list[Any] = [ast]
    seen: set[int] = set()
    while waiting:
        node: Any = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            if getattr(node, "type", None) == "variable" and getattr(node, "value", None) == name:
                return True
            waiting.extend(_below(node))
    return False


def _below(node: Any) -> Iterable[Any]:
    if is_list(node):
        return node
    inner: Mapping[str, Any] = node.__dict__ if hasattr(node, "arguments") else {}  # a symbol of the parser has these
    return inner.values()


def _json(value: Any) -> Any:
    """Return a result of the library's as plain JSON; `ExpressionError` for what is none."""
    if value is None or value is library.utils().NULL_VALUE:
        return None
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if is_list(value):
        return [_json(entry) for entry in value]
    if is_mapping(value):
        return {key: _json(held) for key, held in value.items()}
    raise ExpressionError("returned an unsupported result type.")


def _number(value: int | float) -> int | float:
    if not math.isfinite(value):
        raise ExpressionError("returned an unsupported result type.")
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= EXACT else value


def _said(error: Exception) -> str:
    """Return what an error says, with the code that JSONata has for it."""
    if isinstance(error, RecursionError):
        return "D1011: Stack overflow"
    code = getattr(error, "error", "")
    text = shown(str(error)) if len(str(error)) > LONGEST else str(error)
    return f"{code}: {text}" if code and len(str(code)) <= len("S0101") else text or type(error).__name__
