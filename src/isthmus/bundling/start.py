"""How a function starts: its handlers, and the variables of its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Start:
    """The paths of a function's handlers ("functions.orders.create") and the environment that they are imported in.

    `parts` are the modules of the provider that this function needs, besides those that all functions need.
    """

    handlers: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=lambda: {})
    parts: tuple[str, ...] = ()

    @property
    def modules(self) -> tuple[str, ...]:
        """The handlers' modules, each once."""
        return tuple(dict.fromkeys(handler.rpartition(".")[0] for handler in self.handlers))
