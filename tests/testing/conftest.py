"""Apps to test the testing package with."""

from __future__ import annotations

pytest_plugins = ["pytester"]
