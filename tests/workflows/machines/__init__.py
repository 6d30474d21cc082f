"""Machines that fail, try again, catch, spread and choose: what recordings of real executions hardly do."""

from __future__ import annotations

from tests.workflows.machines.catches import CATCHES
from tests.workflows.machines.choices import CHOICES
from tests.workflows.machines.flows import FLOWS
from tests.workflows.machines.retries import RETRIES
from tests.workflows.machines.spreads import SPREADS

SUITE = {"retries": RETRIES, "catches": CATCHES, "spreads": SPREADS, "flows": FLOWS, "choices": CHOICES}
"""All of them, by what they are about."""
