"""The functions of Workflows that a source may call: those with a page in its reference, and nothing else.

https://cloud.google.com/workflows/docs/reference/stdlib/overview
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from isthmus.shapes import is_list, is_mapping

_PAGES = "https://cloud.google.com/workflows/docs/reference/"

HELPERS = ("double", "int", "string", "keys", "len", "default", "if")
"""The expression helpers: https://cloud.google.com/workflows/docs/reference/stdlib/expression-helpers."""

FUNCTIONS: Mapping[str, str] = {
    **dict.fromkeys(HELPERS, f"{_PAGES}stdlib/expression-helpers"),
    **{
        name: f"{_PAGES}stdlib/{name.replace('.', '/')}"
        for name in (
            *("base64.decode", "base64.encode", "hash.compute_checksum"),
            *("json.decode", "json.encode", "json.encode_to_string"),
            *("list.concat", "map.get", "map.merge", "math.floor", "math.max", "math.min"),
            *("sys.get_env", "sys.now", "time.format", "time.parse", "uuid.generate"),
            *("text.decode", "text.encode", "text.find_all", "text.match_regex", "text.replace_all"),
            *("text.replace_all_regex", "text.split", "text.substring", "text.to_lower"),
        )
    },
}
"""What expressions call → its page."""

BLOCKING: Mapping[str, str] = {
    **{
        name: f"{_PAGES}stdlib/{name.replace('.', '/')}"
        for name in (
            *("events.await_callback", "events.create_callback_endpoint"),
            *("http.post", "http.request", "sys.sleep"),
        )
    },
    "googleapis.pubsub.v1.projects.topics.publish": f"{_PAGES}googleapis/pubsub/v1/projects.topics/publish",
    **{
        f"googleapis.workflowexecutions.v1.projects.locations.workflows.executions.{verb}": (
            f"{_PAGES}googleapis/workflowexecutions/v1/projects.locations.workflows.executions/{verb}"
        )
        for verb in ("create", "get", "cancel")
    },
}
"""What only steps may call → its page."""

_EXPRESSION = re.compile(r"\$\{(.*)\}", re.DOTALL)
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_CALL = re.compile(r"([A-Za-z_][\w.]*)\(")


def expressions(value: Any) -> Iterator[str]:
    """Yield the code of every expression in a source."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if is_mapping(found):
            waiting += [*found, *found.values()]
        elif is_list(found):
            waiting += found
        elif isinstance(found, str) and (match := _EXPRESSION.fullmatch(found)):
            yield match[1]


def called(code: str) -> set[str]:
    """Return the names of the functions that an expression calls."""
    return set(_CALL.findall(_TEXT.sub('""', code))) - {"and", "or", "not", "in"}
