"""The errors of Google's library, which have no types of their own."""

from __future__ import annotations

from importlib import import_module
from typing import Any

errors: Any = import_module("google.api_core.exceptions")
"""`google.api_core.exceptions`."""

firestore_library: Any = import_module("google.cloud.firestore")
"""`google.cloud.firestore`."""
