"""Imports our modules from the one file of a bundle that has them all. It comes with every bundle, and is all it needs.

That takes less time than to look for each in folders or in a zip, and as one file they are deflated together.
"""

from __future__ import annotations

import marshal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_Spec: Any = vars(sys)["__spec__"].__class__  # that of importlib.machinery, which not every start imports


class Library:
    """Finds and loads the modules of the file at `path`, which has the code of each by its name.

    The name of a package ends in a dot. The code is marshalled, or the source where another Python packed it.
    """

    def __init__(self, path: str) -> None:
        with open(path, "rb") as file:
            self._modules: dict[str, bytes | str] = marshal.load(file)
        self._path = path

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return the spec of a module; None where it is none of ours, an error where it should be here and is not."""
        for package in (False, True):
            if name + "." * package in self._modules:
                spec: ModuleSpec = _Spec(name, self, origin=self._path, is_package=package)
                return spec
        top, dot, _ = name.partition(".")
        if dot and f"{top}." in self._modules:
            raise ModuleNotFoundError(
                f"{name} is not in this function's bundle, as nothing that the function declares or imports needs it: "
                "import it in the handler's module, or add it to modules of [tool.isthmus.bundle]",
                name=name,
            )
        return None

    def create_module(self, spec: ModuleSpec) -> None:
        """Let Python make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        package = hasattr(module, "__path__")
        code = self._modules[module.__name__ + "." * package]
        module.__file__ = f"{self._path}/{module.__name__.replace('.', '/')}{'/__init__' * package}.py"
        exec(
            marshal.loads(code) if isinstance(code, bytes) else compile(code, module.__file__, "exec"), module.__dict__
        )
