"""What the tests of deliveries share: a ministack."""

from __future__ import annotations

from tests.emulators.aws.ministack import ministack

__all__ = ["ministack"]
