"""JSONata as text: what a state's expressions read of its result.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import re
from typing import Any

from isthmus.shapes import is_list, is_mapping, is_text

_TOKEN = re.compile(
    r"""'(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" | `[^`]*` | /\*.*?\*/
      | (?<=[(,=~]) \s* / (?:\\.|[^/\\])+ /      # up to here: what only looks like code
      | \$states\s*\.\s*result\b
    """,
    re.VERBOSE | re.DOTALL,
)

OPENS, CLOSES = "{%", "%}"


def is_expression(value: object) -> bool:
    """Return whether a field's value is computed."""
    return is_text(value) and value.startswith(OPENS) and value.endswith(CLOSES) and len(value) >= len(OPENS + CLOSES)


def code_of(expression: str) -> str:
    """Return the JSONata of a computed value."""
    return expression[len(OPENS) : -len(CLOSES)].strip()


def expression(code: str) -> str:
    """Return the value that is computed by some JSONata."""
    return f"{OPENS} {code} {CLOSES}"


def computes(template: Any) -> bool:
    """Return whether anything in a value is computed."""
    if is_mapping(template):
        return any(map(computes, template.values()))
    return any(map(computes, template)) if is_list(template) else is_expression(template)


def with_result(template: Any, result: str) -> Any:
    """Return a value in which each expression reads `result` where it has read `$states.result`."""
    if is_mapping(template):
        return {key: with_result(value, result) for key, value in template.items()}
    if is_list(template):
        return [with_result(value, result) for value in template]
    if not is_expression(template):
        return template
    return expression(_TOKEN.sub(lambda found: result if found[0][0] == "$" else found[0], code_of(template)))
