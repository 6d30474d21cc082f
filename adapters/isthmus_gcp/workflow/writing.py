"""A source as YAML that no parser can take for anything else: what might look like another type is quoted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*([.-][A-Za-z0-9_]+)*")
_NOT_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"})


class _Writer(yaml.SafeDumper):
    """Writes text by its own rule, nothing by reference, and lists indented."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(_writer: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", value, style=_style(value))


def _style(value: str) -> str | None:
    if _WORD.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return None
    return "'" if value.isprintable() and value.isascii() else '"'


_Writer.add_representer(str, _text)


def written(subworkflows: Mapping[str, Any]) -> str:
    """Return the text of a source."""
    return yaml.dump(
        dict(subworkflows), Dumper=_Writer, sort_keys=False, allow_unicode=True, width=2**31, default_flow_style=False
    )
