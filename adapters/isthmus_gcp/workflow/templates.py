"""Payload templates as values of YAML. https://states-language.net/spec.html#payload-template"""

from __future__ import annotations

from typing import Any

from isthmus.shapes import is_list, is_mapping, is_text
from isthmus_gcp.workflow import intrinsics, paths
from isthmus_gcp.workflow.expressions import expression
from isthmus_gcp.workflow.refusal import UnportableError
from isthmus_gcp.workflow.scope import Scope
from isthmus_gcp.workflow.steps import DEEPEST, Steps

COMPUTED = ".$"
"""How the name of a field ends whose value is a path or an intrinsic function."""


def value(steps: Steps, template: Any, scope: Scope, depth: int = 0) -> Any:
    """Return what a template makes, as a value of YAML."""
    if depth > DEEPEST:
        raise UnportableError(f"a template that is nested more than {DEEPEST} deep")
    if is_mapping(template):
        return {
            steps.text(str(name).removesuffix(COMPUTED)): _field(steps, str(name), inner, scope, depth)
            for name, inner in template.items()
        }
    if is_list(template):
        return [value(steps, inner, scope, depth + 1) for inner in template]
    return steps.literal(template)


def computed(steps: Steps, text: Any, scope: Scope) -> str:
    """Return the code of a path or an intrinsic function."""
    if not is_text(text):
        raise UnportableError("a computed field has to be a text: a path or an intrinsic function")
    if text.lstrip().startswith("$"):
        return paths.read(steps, text, scope)
    return intrinsics.read(steps, text, scope)


def _field(steps: Steps, name: str, inner: Any, scope: Scope, depth: int) -> Any:
    if name.endswith(COMPUTED):
        return expression(steps.short(computed(steps, inner, scope)))
    return value(steps, inner, scope, depth + 1)
