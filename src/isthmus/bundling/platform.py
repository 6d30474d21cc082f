"""What a bundle is for: the interpreter and the machine that it runs on, and what is there already."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Arch = Literal["x86_64", "arm64"]
"""The processors that a function may run on."""

_MACHINES: Mapping[str, Arch] = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Where a function runs, as a provider describes it.

    `python` is (major, minor), `glibc` the version of the C library, which says what compiled wheels fit. `entries` are
    the modules that the provider's runtime starts with (the first one is what it calls), `files` what a bundle has at
    its top besides, by name: what puts our modules on the path, of which the runtime itself reads those in `sources`
    by their names. `provided` are the top-level modules that the runtime
    has, with their distributions. `left_out` are packages and modules that no function may carry. `environment` has
    variables that every function finds. `size_limit` is the most bytes that a bundle may come to unpacked (0: any), and
    `size_source` the page that says so.
    """

    python: tuple[int, int] = field(default_factory=lambda: (sys.version_info[0], sys.version_info[1]))
    arch: Arch = "x86_64"
    glibc: tuple[int, int] = (2, 17)
    entries: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=lambda: {})
    sources: tuple[str, ...] = ()
    provided: Mapping[str, str] = field(default_factory=lambda: {})
    left_out: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: {})
    size_limit: int = 0
    size_source: str = ""

    @property
    def machine(self) -> str:
        """The processor's name in the tags of wheels."""
        return "aarch64" if self.arch == "arm64" else "x86_64"

    @property
    def tags(self) -> tuple[str, ...]:
        """The platforms, as tags of wheels name them, that fit: the newest first."""
        newer = [f"manylinux_2_{minor}_{self.machine}" for minor in range(self.glibc[1], 16, -1)]
        older = ["manylinux2010_x86_64", "manylinux1_x86_64"] if self.arch == "x86_64" else []
        return (*newer, f"manylinux2014_{self.machine}", *older)

    @property
    def has_our_bytecode(self) -> bool:
        """Whether what this interpreter compiles is understood there."""
        return self.python == sys.version_info[:2] and sys.implementation.name == "cpython"

    def can_import(self, *, compiled: bool) -> bool:
        """Whether this machine can import what is made for it, `compiled` modules among that or not."""
        here = _MACHINES.get(platform.machine().lower()), platform.system()
        return self.has_our_bytecode and hasattr(os, "fork") and (not compiled or here == (self.arch, "Linux"))

    def facts(self) -> dict[str, Any]:
        """Return what a bundle depends on, as JSON can hold it."""
        return {
            "python": list(self.python),
            "arch": self.arch,
            "glibc": list(self.glibc),
            "entries": list(self.entries),
            "files": {name: data.decode() for name, data in self.files.items()},
            "sources": list(self.sources),
            "provided": dict(self.provided),
            "left_out": list(self.left_out),
        }
