"""The rules of a Choice as jumps, so that a rule before another can guard it.

https://states-language.net/spec.html#choice-state
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from isthmus.shapes import is_list, is_mapping, is_text
from isthmus.workflows.json_path.comparisons import glob_parts
from isthmus_gcp.workflow import paths
from isthmus_gcp.workflow.expressions import expression
from isthmus_gcp.workflow.refusal import UnportableError
from isthmus_gcp.workflow.scope import Scope
from isthmus_gcp.workflow.steps import Steps

DEEPEST = 50
"""How deep rules may be nested."""

_COMPARISON = re.compile(
    r"(String|Numeric|Boolean|Timestamp)(Equals|LessThanEquals|GreaterThanEquals|LessThan|GreaterThan)(Path)?"
)
_TYPES = {"String": "string", "Numeric": "number", "Boolean": "boolean", "Timestamp": "moment"}
_TESTS = {"IsNumeric": "number", "IsString": "string", "IsBoolean": "boolean"}
_MEANINGFUL = frozenset("\\.+*?()|[]{}^$")
"""What means something in a regular expression."""

_NO_OPERATORS = frozenset({"Variable", "Next", "Comment", "Assign", "Output", "Condition"})


class Conditions:
    """Writes the conditions of one Choice."""

    def __init__(self, steps: Steps, scope: Scope) -> None:
        self._steps = steps
        self._scope = scope

    def write(self, rule: Mapping[str, Any], yes: str, no: str, depth: int = 0) -> None:
        """Go on at `yes` where a rule holds, else at `no`."""
        if depth > DEEPEST:
            raise UnportableError(f"rules that are nested more than {DEEPEST} deep")
        if is_mapping(rule.get("Not")):
            return self.write(rule["Not"], no, yes, depth + 1)
        for name in ("And", "Or"):
            if is_list(rule.get(name)):
                return self._joined(name, rule, yes, no, depth)
        return self._jump(self._comparison(rule), yes, no)

    def _joined(self, name: str, rule: Mapping[str, Any], yes: str, no: str, depth: int) -> None:
        for inner in rule[name]:
            following = self._steps.new_label("or" if name == "Or" else "and")
            ways = (following, no) if name == "And" else (yes, following)
            self.write(inner if is_mapping(inner) else {}, *ways, depth + 1)
            self._steps.label(following)
        self._steps.jump(yes if name == "And" else no)

    def _jump(self, code: str, yes: str, no: str) -> None:
        self._steps.add({"switch": [{"condition": expression(code), "next": yes}], "next": no}, "if")

    def _comparison(self, rule: Mapping[str, Any]) -> str:
        """Return the code of one comparison."""
        operators = [name for name in rule if name not in _NO_OPERATORS]
        variable = rule.get("Variable")
        if len(operators) != 1 or not is_text(variable):
            raise UnportableError("a rule needs a Variable and one operator")
        operator = operators[0]
        expected = rule[operator]
        if operator == "IsPresent":
            return self._told(paths.present(self._steps, variable, self._scope), expected)
        value = self._steps.let(expression(paths.read(self._steps, variable, self._scope)))
        if operator.startswith("Is"):
            return self._told(self._test(operator, value), expected)
        return self._compared(operator, value, expected)

    def _told(self, code: str, expected: Any) -> str:
        if expected not in (True, False):
            raise UnportableError("whether it should be so has to be true or false")
        return code if expected else f"not ({code})"

    def _test(self, operator: str, value: str) -> str:
        if operator == "IsNull":
            return f"{value} == null"
        if operator == "IsTimestamp":
            moment = self._steps.call("states_moment", {"value": expression(value)}, "moment")
            return f"{moment} != null"
        if operator not in _TESTS:
            raise UnportableError(f"the operator {operator}")
        found = self._steps.call("states_type", {"value": expression(value)}, "type")
        return f'{found} == "{_TESTS[operator]}"'

    def _compared(self, operator: str, value: str, expected: Any) -> str:
        if operator == "StringMatches":
            return self._matches(value, expected)
        match = _COMPARISON.fullmatch(operator)
        if match is None or (match[1] == "Boolean" and match[2] != "Equals"):
            raise UnportableError(f"the operator {operator}")
        other: Any = self._steps.literal(expected)
        if match[3]:
            other = expression(self._steps.short(paths.read(self._steps, str(expected), self._scope)))
        arguments = {"left": expression(value), "type": _TYPES[match[1]], "relation": match[2], "right": other}
        return self._steps.call("states_compare", arguments, "compare")

    def _matches(self, value: str, pattern: Any) -> str:
        if not is_text(pattern):
            raise UnportableError("StringMatches needs a text")
        arguments = {"value": expression(value), "pattern": self._steps.text(regular(pattern))}
        return self._steps.call("states_matches", arguments, "match")


def regular(pattern: str) -> str:
    """Return the regular expression (RE2) of a pattern in which `*` stands for anything and a backslash escapes.

    https://cloud.google.com/workflows/docs/reference/stdlib/text/match_regex
    """
    try:
        parts = glob_parts(pattern)
    except ValueError as error:
        raise UnportableError(f"the pattern of StringMatches: {error}") from None
    return f"^(?s:{'.*'.join(''.join(map(_escaped, part)) for part in parts)})$"


def _escaped(character: str) -> str:
    return f"\\{character}" if character in _MEANINGFUL else character
