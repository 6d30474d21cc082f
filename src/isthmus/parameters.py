"""What a callable takes, read without `inspect`, which costs more than the rest of a handler's start."""

from __future__ import annotations

from isthmus._typing import Any, Callable, Sequence

_VARARGS = 0x04  # inspect.CO_VARARGS
_COROUTINE = 0x80  # inspect.CO_COROUTINE


class Parameters:
    """What may be given by position (`names`, of which `required` must be), and the keywords that must (`needed`).

    `varargs` tells whether any number may follow.
    """

    __slots__ = ("names", "needed", "required", "varargs")

    def __init__(self, names: Sequence[str], required: int, *, varargs: bool, needed: Sequence[str]) -> None:
        self.names = names
        self.required = required
        self.varargs = varargs
        self.needed = needed

    def take(self, count: int) -> bool:
        """Tell whether a call with `count` arguments by position fits."""
        return not self.needed and self.required <= count and (self.varargs or count <= len(self.names))


def parameters(function: Callable[..., Any]) -> Parameters:
    """Return what `function` takes; what a wrapper with `*args` takes is what it wraps."""
    plain = _plain(function)
    code = getattr(plain, "__code__", None)
    if code is None:
        return _by_signature(function)
    if code.co_flags & _VARARGS and hasattr(plain, "__wrapped__"):
        return parameters(plain.__wrapped__)
    bound = int(getattr(plain, "__self__", None) is not None)
    count = code.co_argcount
    names = code.co_varnames[bound:count]
    keywords = code.co_varnames[count : count + code.co_kwonlyargcount]
    needed = [name for name in keywords if name not in (plain.__kwdefaults__ or ())]
    required = len(names) - len(plain.__defaults__ or ())
    return Parameters(names, required, varargs=bool(code.co_flags & _VARARGS), needed=needed)


def is_async(function: Any) -> bool:
    """Tell whether calling `function` returns a coroutine: an `async def`, a partial of one, an object with one."""
    while hasattr(function, "func"):  # functools.partial
        function = function.func
    code = getattr(_plain(function), "__code__", None)
    return code is not None and bool(code.co_flags & _COROUTINE)


def _plain(function: Any) -> Any:
    """Return the function or method that a call of `function` runs."""
    return function if hasattr(function, "__code__") else function.__call__


def _by_signature(function: Callable[..., Any]) -> Parameters:
    """Return what a `functools.partial`, a builtin or whatever else has no code of its own takes."""
    from inspect import Parameter, signature

    try:
        each = signature(function).parameters.values()
    except ValueError:  # some builtins tell nothing
        return Parameters(("event",), 1, varargs=False, needed=())
    positional = [p for p in each if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    return Parameters(
        [p.name for p in positional],
        sum(p.default is Parameter.empty for p in positional),
        varargs=any(p.kind is Parameter.VAR_POSITIONAL for p in each),
        needed=[p.name for p in each if p.kind is Parameter.KEYWORD_ONLY and p.default is Parameter.empty],
    )
