"""Types of libraries that check data themselves: msgspec structs and pydantic models. They are not imported here."""

from __future__ import annotations

from typing import Any

from isthmus.readers.faults import Faults, Path, Reader


def is_struct(kind: Any) -> bool:
    """Tell whether `kind` is a msgspec struct."""
    return hasattr(kind, "__struct_fields__")


def is_model(kind: Any) -> bool:
    """Tell whether `kind` is a pydantic model."""
    return hasattr(kind, "__pydantic_validator__")


def struct_reader(kind: Any, *, text: bool) -> Reader:
    """Return the reader of a msgspec struct, which names the first fault alone."""
    import msgspec

    def read(value: Any, path: Path, faults: Faults) -> Any:
        try:
            return msgspec.convert(value, kind, strict=not text)
        except msgspec.ValidationError as error:
            message, _, where = str(error).partition(" - at `$")
            return faults.add(_below(path, where.rstrip("`").removeprefix(".")), message)

    return read


def _below(path: Path, where: str) -> Path:
    # The name of a step that is a path already: `name_of` writes it as it is.
    return (path, where) if where else path


def model_reader(kind: Any) -> Reader:
    """Return the reader of a pydantic model, with its own rules of what text may become."""
    import pydantic

    def read(value: Any, path: Path, faults: Faults) -> Any:
        try:
            return kind.model_validate(value)
        except pydantic.ValidationError as error:
            for fault in error.errors(include_url=False, include_context=False, include_input=False):
                where = path
                for step in fault["loc"]:
                    where = (where, step)
                faults.add(where, fault["msg"])
            return None

    return read
