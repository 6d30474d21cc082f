"""A handler: the user's function, found by its path and called alike whether it is `def` or `async def`."""

from __future__ import annotations

import sys

from isthmus._typing import Any, Callable
from isthmus.errors import HandlerLoadError
from isthmus.parameters import parameters

TAKES = "a handler takes (event) or (event, context)"


class Handler:
    """One handler, ready to call with (event, context): it gets the context if it asks for one.

    It asks by a second positional parameter without a default, by one named `context`, or by `*args`. Other parameters
    keep their defaults. What it awaits is run to its end before the call returns.
    """

    __slots__ = ("_function", "_takes_context", "name")

    def __init__(self, function: Callable[..., Any], *, name: str = "") -> None:
        self.name = name or path_of(function)
        self._function = function
        self._takes_context = takes_context(function, self.name)

    def __call__(self, event: Any, context: Any) -> Any:
        """Return the handler's finished result; whatever it raises passes."""
        result = self._function(event, context) if self._takes_context else self._function(event)
        return _run(result) if result is not None and hasattr(result, "__await__") else result

    @property
    def function(self) -> Callable[..., Any]:
        """What the path led to."""
        return self._function

    def __repr__(self) -> str:
        return f"<Handler {self.name}>"


def _run(awaitable: Any) -> Any:
    from isthmus import event_loop

    return event_loop.run(awaitable)


def load(path: str) -> Handler:
    """Return the handler at `path` ("package.module.function"); `HandlerLoadError` says what is missing or broken."""
    module_name, _, attribute = path.rpartition(".")
    if not all(part.isidentifier() for part in path.split(".")) or not module_name:
        raise HandlerLoadError(f"handler {path!r} is not of the form 'package.module.function'")
    module = _import(path, module_name)
    try:
        function = getattr(module, attribute)
    except AttributeError:
        raise _no_attribute(path, module, attribute) from None
    return Handler(function, name=path)


def path_of(function: Any) -> str:
    """Return where `function` was defined, as "module.qualname"; of an object that has no name, that of its class."""
    while hasattr(function, "func"):  # functools.partial
        function = function.func
    if not hasattr(function, "__qualname__"):
        return path_of(function.__class__)
    return f"{function.__module__}.{function.__qualname__}"


def _import(path: str, module_name: str) -> Any:
    try:
        __import__(module_name)
    except ModuleNotFoundError as error:
        if error.name == module_name or module_name.startswith(f"{error.name}."):
            hint = f"is there a file {module_name.replace('.', '/')}.py where the app starts?"
            raise HandlerLoadError(
                f"handler {path!r}: there is no module {error.name!r}; {hint}", name=error.name
            ) from None
        raise _broken(path, module_name, error) from error
    except (Exception, SystemExit) as error:
        raise _broken(path, module_name, error) from error
    return sys.modules[module_name]


def _broken(path: str, module_name: str, error: BaseException) -> HandlerLoadError:
    fault = f"{type(error).__name__}: {error}"
    return HandlerLoadError(f"handler {path!r}: importing {module_name!r} failed: {fault}", name=module_name)


def _no_attribute(path: str, module: Any, attribute: str) -> HandlerLoadError:
    from difflib import get_close_matches

    public = [name for name in dir(module) if callable(getattr(module, name)) and not name.startswith("_")]
    close = get_close_matches(attribute, public, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"it has: {', '.join(sorted(public)) or 'no functions'}"
    return HandlerLoadError(
        f"handler {path!r}: module {module.__name__!r} has no {attribute!r}; {hint}", name=module.__name__
    )


def takes_context(function: Any, name: str) -> bool:
    """Tell whether `function` takes (event, context) rather than (event); `HandlerLoadError` where it takes neither."""
    if not callable(function) or isinstance(function, type):
        kind = "a class" if isinstance(function, type) else f"a {type(function).__name__}"
        raise HandlerLoadError(f"handler {name!r} is {kind}, not a function; {TAKES}")
    takes = parameters(function)
    if takes.needed:
        raise HandlerLoadError(f"handler {name!r} needs the keyword {takes.needed[0]!r}, which nobody gives; {TAKES}")
    if not (takes.take(1) or takes.take(2)):
        raise HandlerLoadError(f"handler {name!r} takes ({', '.join(takes.names)}); {TAKES}")
    return takes.varargs or takes.required == 2 or "context" in takes.names[1:2]
