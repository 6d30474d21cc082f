"""How a function starts: its handlers, and the variables of its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Start:
    """The paths of a function's handlers ("functions.orders.create") and the environment that they are imported in.

    `parts` are the modules of the provider that this function needs, besides those that all functions need; `plain`
    tells that it uses none of what the provider's own modules import of installed distributions. `files` lie at the top
    of its bundle, by name: what is for this function alone.
    """

    handlers: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=lambda: {})
    parts: tuple[str, ...] = ()
    plain: bool = False
    files: Mapping[str, bytes] = field(default_factory=lambda: {})

    @property
    def modules(self) -> tuple[str, ...]:
        """The handlers' modules, each once."""
        return tuple(dict.fromkeys(handler.rpartition(".")[0] for handler in self.handlers))
