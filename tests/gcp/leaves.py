"""A module that ends the process that imports it, or tries to."""

from __future__ import annotations

raise SystemExit("secret reason")
