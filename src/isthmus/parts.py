"""What only some functions need: named as "module:name" in tables, and imported on first use.

No import statement leads to such a module, so that a function's bundle has it only where the function declares what
needs it: an event of a kind, or a link. In any other, the importer of `isthmus.bundling` says so.
"""

from __future__ import annotations

import sys
from functools import cache

from isthmus._typing import Any


@cache  # whoever looks in `sys.modules` instead may find a module that another thread is still importing
def part(path: str) -> Any:
    """Return what "module:name" names."""
    module, _, name = path.partition(":")
    __import__(module)
    return getattr(sys.modules[module], name)
