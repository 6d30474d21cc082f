"""One difference between ministack and AWS."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from importlib import import_module
from typing import Any, NamedTuple


class Rewrite(NamedTuple):
    """In the function `module.function` of ministack `old` stands where AWS does what `new` does; `page` says so."""

    why: str
    page: str
    module: str
    function: str
    old: str
    new: str


class Replacement(NamedTuple):
    """The function `module.function` of ministack is replaced by one that does what AWS does; `page` says so.

    `by` is "module:function" here; it is called with ministack's function before the arguments.
    """

    why: str
    page: str
    module: str
    function: str
    by: str


class OutdatedError(RuntimeError):
    """A correction no longer fits ministack, which has changed."""


def rewrite(corrections: Iterable[Rewrite]) -> None:
    """Compile each function anew, in its own module, with all of its texts replaced."""
    of_function: dict[tuple[str, str], list[Rewrite]] = {}
    for correction in corrections:
        of_function.setdefault((correction.module, correction.function), []).append(correction)
    for (module_name, function), found in of_function.items():
        module = import_module(f"ministack.{module_name}")
        source = inspect.getsource(getattr(module, function))
        for correction in found:
            if source.count(correction.old) != 1:
                raise OutdatedError(f"ministack's {module_name}.{function} has changed: {correction.why}")
            source = source.replace(correction.old, correction.new)
        exec(compile(source, f"corrected {function}", "exec"), vars(module))  # the emulator's own source


def replace(correction: Replacement) -> None:
    """Put the function of ours in the place of ministack's."""
    module = import_module(f"ministack.{correction.module}")
    theirs = getattr(module, correction.function)
    where, _, name = correction.by.partition(":")
    ours = getattr(import_module(where), name)

    def corrected(*args: Any, **kwargs: Any) -> Any:
        return ours(theirs, *args, **kwargs)

    setattr(module, correction.function, corrected)
