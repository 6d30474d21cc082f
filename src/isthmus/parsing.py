"""Data from outside into a type of yours, or an answer that names every field at fault."""

from __future__ import annotations

import collections.abc
import dataclasses
import types
from enum import Enum
from functools import lru_cache, partial
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, is_typeddict, overload

from isthmus.errors import UnprocessableError, UnsupportedTypeError
from isthmus.readers import containers, models
from isthmus.readers.faults import Faults, Reader, TooManyFaultsError
from isthmus.readers.records import RecordReader, form_values
from isthmus.readers.scalars import SCALARS, TEXT_SCALARS

T = TypeVar("T")

_SEQUENCES: dict[Any, Any] = {
    list: list,
    set: set,
    frozenset: frozenset,
    collections.abc.Sequence: list,
    collections.abc.Set: set,
    collections.abc.Iterable: list,
}
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


@overload
def parse(data: Any, type: type[T], *, text: bool = False) -> T: ...
@overload
def parse(data: Any, type: Any, *, text: bool = False) -> Any: ...
def parse(data: Any, type: Any, *, text: bool = False) -> Any:
    """Return decoded JSON as a `type`; `UnprocessableError` names each field at fault.

    `type` is a dataclass, a TypedDict, a msgspec struct or a pydantic model, or made of these with list, tuple, set,
    dict, Optional, unions, Literal and enums; the values are str, int, float, bool, None, Decimal, datetime, date, time
    and UUID. Unknown fields are ignored. true is no number, 1 is no bool, and 1 will do for a float. With `text`, data
    holds the fields of a form, each with a list of texts. `UnsupportedTypeError` for a type that cannot be read.
    """
    faults = Faults()
    value: Any = form_values(data, type, is_list=_is_list) if text else data
    try:
        value = _reader(type, text)(value, None, faults)
    except TooManyFaultsError:
        pass  # what was found is told
    except RecursionError:
        faults.found = [{"field": "$", "message": "is nested too deeply"}]
    if faults.found:
        raise UnprocessableError(faults.found)
    return value


def _reader(kind: Any, text: bool) -> Reader:
    # int | str equals str | int, but is not read alike: its text tells them apart.
    return _cached_reader(kind, repr(kind), text)


@lru_cache(maxsize=1024)
def _cached_reader(kind: Any, _written: str, text: bool) -> Reader:
    kind = _bare(kind)
    scalars = TEXT_SCALARS if text else SCALARS
    reader = scalars.get(kind) or _container(kind, text) or _choice(kind, text) or _record(kind, text)
    if reader is None:
        raise UnsupportedTypeError(
            f"{kind!r} cannot be parsed into: use a dataclass, a TypedDict, a msgspec struct, a pydantic model, "
            "list, tuple, set, dict, Literal, an enum, a union, or a plain value"
        )
    return reader


def _bare(kind: Any) -> Any:
    """Return what a NewType, an Annotated or a type alias stands for."""
    while True:
        inner = getattr(kind, "__supertype__", None) or getattr(kind, "__value__", None)
        if inner is None and hasattr(kind, "__metadata__"):
            inner = kind.__origin__
        if inner is None or isinstance(kind, type):
            return kind
        kind = inner


def _container(kind: Any, text: bool) -> Reader | None:
    origin, arguments = get_origin(kind) or kind, get_args(kind)
    if origin in _SEQUENCES:
        return containers.sequence_reader(_SEQUENCES[origin], _reader(arguments[0] if arguments else Any, text))
    if origin in _MAPPINGS:
        key, item = arguments or (str, Any)
        return containers.dict_reader(_reader(key, True), _reader(item, text))  # a key is always text
    if origin is not tuple:
        return None
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return containers.sequence_reader(tuple, _reader(arguments[0], text))
    if not arguments:
        return containers.sequence_reader(tuple, _reader(Any, text))
    return containers.tuple_reader([_reader(argument, text) for argument in arguments])


def _choice(kind: Any, text: bool) -> Reader | None:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return containers.literal_reader(arguments, text=text)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return containers.enum_reader(kind, text=text)
    if origin not in (Union, types.UnionType):
        return None
    members = [member for member in arguments if member is not types.NoneType]
    readers = [_reader(member, text) for member in members]
    reader = readers[0] if len(readers) == 1 else containers.union_reader(members, readers)
    return containers.optional_reader(reader, text=text) if len(members) < len(arguments) else reader


def _record(kind: Any, text: bool) -> Reader | None:
    if not isinstance(kind, type):
        return None
    if models.is_struct(kind):
        return models.struct_reader(kind, text=text)
    if models.is_model(kind):
        return models.model_reader(kind)
    if dataclasses.is_dataclass(kind) or is_typeddict(cast("Any", kind)):
        return RecordReader(kind, partial(_reader, text=text))
    return None


def _is_list(kind: Any) -> bool:
    """Tell whether a form's field is to be read as a list, be it given once."""
    options = [_bare(kind), *get_args(kind)]
    return any((get_origin(option) or option) in (*_SEQUENCES, tuple) for option in options)
