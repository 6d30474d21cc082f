"""What in a value JSON cannot say, and where: looked for only once the writing of it has failed."""

from __future__ import annotations

from isthmus._typing import Any, Callable, Iterator, TypeAlias

DEPTH_LIMIT = 200
"""How deep a value is followed."""

Plain: TypeAlias = "Callable[[Any], Any]"
"""Returns what is written in place of a value that JSON does not know; `TypeError` where nothing is."""


def fault(value: Any, plain: Plain | None = None) -> str:
    """Return the path to the first thing in `value` that JSON cannot say, and what it is; "" where there is none.

    With `plain`, half of a surrogate pair is no fault: it is escaped, where a message must be text.
    """
    return next(_faults(value, "$", (), plain), "")


def _faults(value: Any, path: str, above: tuple[int, ...], plain: Plain | None) -> Iterator[str]:
    if value is None or isinstance(value, int):
        return
    if isinstance(value, str):
        if plain is None and not _is_text(value):
            yield f"{path} holds half of a surrogate pair, which is no text"
    elif isinstance(value, float):
        if value - value != 0:
            yield f"{path} is {value}, which JSON has no word for"
    elif id(value) in above:
        yield f"{path} contains itself"
    elif len(above) >= DEPTH_LIMIT:
        yield f"{path} is more than {DEPTH_LIMIT} levels deep"
    else:
        yield from _faults_inside(value, path, (*above, id(value)), plain)


def _faults_inside(value: Any, path: str, above: tuple[int, ...], plain: Plain | None) -> Iterator[str]:
    if issubclass(type(value), dict):
        for key, entry in value.items():
            if key is not None and not isinstance(key, (str, int, float)):
                yield f"{path} has a key that is a {type(key).__name__}"
            yield from _faults(key, f"a key of {path}", above, plain)
            yield from _faults(entry, f"{path}.{key}", above, plain)
    elif issubclass(type(value), (list, tuple)):
        for position, entry in enumerate(value):
            yield from _faults(entry, f"{path}[{position}]", above, plain)
    else:
        yield from _faults_of_other(value, path, above, plain)


def _faults_of_other(value: Any, path: str, above: tuple[int, ...], plain: Plain | None) -> Iterator[str]:
    try:
        replaced = (plain or _nothing)(value)
    except TypeError:
        yield f"{path} is a {type(value).__name__}; JSON has text, numbers, true, false, null, lists and objects"
    else:
        yield from _faults(replaced, path, above, plain)


def _nothing(_value: Any) -> Any:
    raise TypeError


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
