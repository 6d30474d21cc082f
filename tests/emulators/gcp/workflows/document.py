"""The text of a source, in YAML or JSON.

- At most 128 KB. https://cloud.google.com/workflows/quotas#resource_limits
- YAML's booleans are `true`, `True`, `TRUE` and their opposites.
  https://cloud.google.com/workflows/docs/reference/syntax/datatypes
- A key is there once; anchors, tags, keys that are no scalars, and numbers in other forms than decimal are not
  documented: they are refused (a number in another form is a string). A key that is a number is text here.
- An escaped pair of surrogates in JSON is refused as well: what reads YAML does not take it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import yaml

from tests.emulators.gcp.workflows.failures import DeploymentError
from tests.emulators.gcp.workflows.values import LEAST, MOST

LIMIT = 128 * 1024
DEEPEST = 200
"""How deep a source may be nested here, so that none ends the stack of this program."""

_INTEGER, _DOUBLE = re.compile(r"[-+]?\d{1,25}"), re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")
}


class Located(dict[str, Any]):
    """A map of a source, with the number of its line."""

    line = 0


def read(source: str) -> Any:
    """Return what a source says; `DeploymentError` where it cannot be read."""
    if len(source.encode("utf-8", "surrogatepass")) > LIMIT:
        raise DeploymentError([f"source is too large: at most {LIMIT} bytes"])
    try:
        found = _json(source) if source.lstrip()[:1] in ("{", "[") else None
        return _yaml(source) if found is None else found
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DeploymentError([f"parse error: {error}" if str(error) else "parse error: nested too deep"]) from None


def _json(source: str) -> Any | None:
    """Return what JSON says; None where it is none, but may be YAML in braces."""
    if re.search(r"(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]", source):
        raise ValueError("an escaped surrogate (write the character itself)")
    try:
        return json.loads(source, object_pairs_hook=_pairs, parse_constant=_constant)
    except json.JSONDecodeError:
        return None


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no value")


def _pairs(pairs: list[tuple[str, Any]]) -> Located:
    found = Located()
    for key, value in pairs:
        _put(found, key, value, 0)
    return found


def _put(found: Located, key: str, value: Any, line: int) -> None:
    if key in found:
        raise ValueError(f"line {line}: mapping key {key!r} already defined")
    found[key] = value


def _yaml(source: str) -> Any:
    for event in yaml.parse(source, Loader=yaml.CSafeLoader):
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            raise ValueError("anchors, aliases and tags are not documented")
    node = yaml.compose(source, Loader=yaml.CSafeLoader)
    return None if node is None else _built(node, 0)


def _built(node: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise ValueError("nested too deep")
    build: Callable[[Any, int], Any] = _BUILDERS[node.id]
    return build(node, depth)


def _map(node: Any, depth: int) -> Located:
    found = Located()
    found.line = node.start_mark.line + 1
    for key, value in node.value:
        line = key.start_mark.line + 1
        if key.id != "scalar":
            raise ValueError(f"line {line}: a key of a map is a string")
        _put(found, key.value, _built(value, depth + 1), line)
    return found


def _list(node: Any, depth: int) -> list[Any]:
    return [_built(one, depth + 1) for one in node.value]


def _scalar(node: Any, _depth: int) -> Any:
    text = str(node.value)
    if node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _whole(int(text))
    return float(text) if _DOUBLE.fullmatch(text) else text


def _whole(value: int) -> int:
    if not LEAST <= value <= MOST:
        raise ValueError(f"{value} does not fit in 64 bits")
    return value


_BUILDERS: dict[str, Callable[[Any, int], Any]] = {"mapping": _map, "sequence": _list, "scalar": _scalar}
