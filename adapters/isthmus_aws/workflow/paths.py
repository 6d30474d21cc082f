"""JSONPath as text: where a path begins at the root, so that it can begin somewhere else.

https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from isthmus.shapes import is_list, is_mapping, is_text

COMPUTED = ".$"
"""What a key ends in whose value is a path or an intrinsic function."""

_TOKEN = re.compile(
    r"""'(?:\\.|[^'\\])*'        # a literal, or a name in brackets
      | "(?:\\.|[^"\\])*"
      | \$\$                    # the context object
      | \$(?![A-Za-z_\d])       # the root; followed by a letter it is a variable
    """,
    re.VERBOSE,
)


def rebased(text: Any, onto: str) -> Any:
    """Return a path, or an intrinsic function, in which each `$` that is the root is `onto` instead."""
    if not is_text(text):
        return text
    return _TOKEN.sub(lambda found: onto if found[0] == "$" else found[0], text)


def reads_root(text: str) -> bool:
    """Return whether a path, or an intrinsic function, has anything of the root in it."""
    return any(True for _ in roots(text))


def roots(text: str) -> Iterator[str]:
    """Yield what follows each `$` that is the root in a path, or in an intrinsic function."""
    return (text[found.end() :] for found in _TOKEN.finditer(text) if found[0] == "$")


def rebased_template(template: Any, onto: str) -> Any:
    """Return a payload template in which each path begins at `onto`."""
    return changed(template, lambda key, text: (key, rebased(text, onto)))


def changed(template: Any, change: Callable[[str, str], tuple[str, Any]]) -> Any:
    """Return a payload template in which `change` was applied to each entry that is computed: key and value."""
    if is_mapping(template):
        return dict(_entry(key, value, change) for key, value in template.items())
    if is_list(template):
        return [changed(entry, change) for entry in template]
    return template


def computed(template: Any) -> Iterator[str]:
    """Yield each path and intrinsic function of a payload template."""
    if is_mapping(template):
        for key, value in template.items():
            if is_text(key) and key.endswith(COMPUTED) and is_text(value):
                yield value
            else:
                yield from computed(value)
    elif is_list(template):
        for entry in template:
            yield from computed(entry)


def _entry(key: Any, value: Any, change: Callable[[str, str], tuple[str, Any]]) -> tuple[Any, Any]:
    if is_text(key) and key.endswith(COMPUTED) and is_text(value):
        return change(key, value)
    return key, changed(value, change)
