"""All functions of the library by name."""

from __future__ import annotations

from collections.abc import Mapping

from tests.emulators.gcp.workflows.library.blocking import BLOCKING
from tests.emulators.gcp.workflows.library.collections import COLLECTIONS
from tests.emulators.gcp.workflows.library.function import Function
from tests.emulators.gcp.workflows.library.helpers import HELPERS as _HELPERS
from tests.emulators.gcp.workflows.library.system import SYSTEM
from tests.emulators.gcp.workflows.library.texts import TEXTS

HELPERS = _HELPERS
"""The functions that belong to no module."""

FUNCTIONS: Mapping[str, Function] = {**HELPERS, **TEXTS, **COLLECTIONS, **SYSTEM, **BLOCKING}
