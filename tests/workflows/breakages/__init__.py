"""Deliberate breakages of what runs and compiles workflows, each of which some test has to notice."""

from __future__ import annotations

from tests.workflows.breakages import google, interpreter, json_path, laptop

ALL = [*interpreter.BREAKAGES, *json_path.BREAKAGES, *google.BREAKAGES, *laptop.BREAKAGES]
"""All of them."""
