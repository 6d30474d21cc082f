"""The URNs of the reference app on `gcp-dev`, and as they were at the last `python -m tests.gcp.infra.urns`."""

from __future__ import annotations

from pathlib import Path

from tests.gcp.infra.apps import orders

SNAPSHOT = Path(__file__).with_name("urns.txt")
"""One URN a line."""


def urns() -> list[str]:
    """Return the URNs that the program registers now."""
    return sorted(resource.urn for resource in orders().resources)


if __name__ == "__main__":
    SNAPSHOT.write_text("\n".join(urns()) + "\n")
