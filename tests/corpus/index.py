"""Reads an index: one JSON object a line, whose paths are relative to the folder it lies in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tests.corpus.report import CollectionError, Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """One readable row of the index, and its line number."""

    number: int
    fields: dict[str, str]


def objects(directory: Path, name: str) -> Iterator[tuple[str, dict[str, Any]] | Outcome]:
    """Yield each line of the index `name` and what it is called; one that is no object is a difference."""
    for number, line in enumerate(_lines(directory, name), start=1):
        if line.strip():
            document = _object(f"{name}:{number}", line)
            yield document if isinstance(document, Outcome) else (f"{name}:{number}", document)


def rows(directory: Path, name: str, *, required: tuple[str, ...]) -> Iterator[Row | Outcome]:
    """Yield each row of the index `name`; one that cannot be read is a difference that says what is wrong."""
    for number, line in enumerate(_lines(directory, name), start=1):
        if line.strip():
            yield _row(name, number, line, required)


def _lines(directory: Path, name: str) -> list[bytes]:
    if not directory.is_dir():
        raise CollectionError(f"{directory} is not a folder")
    index = directory / name
    try:
        lines = index.read_bytes().splitlines()
    except OSError as error:
        raise CollectionError(f"{index} cannot be read: {error.strerror}") from error
    if not any(line.strip() for line in lines):
        raise CollectionError(f"{index} holds no case")
    return lines


def _row(name: str, number: int, line: bytes, required: tuple[str, ...]) -> Row | Outcome:
    case = f"{name}:{number}"
    fields = _object(case, line)
    if isinstance(fields, Outcome):
        return fields
    missing = [field for field in required if not isinstance(fields.get(field), str) or not fields[field]]
    if missing:
        return Outcome(case, "differ", f"the row has no text as {' or '.join(missing)}")
    return Row(number, {field: value for field, value in fields.items() if isinstance(value, str)})


def _object(case: str, line: bytes) -> dict[str, Any] | Outcome:
    try:
        document: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Outcome(case, "differ", f"the row is not JSON: {error}")
    if not isinstance(document, dict):
        return Outcome(case, "differ", f"the row is not an object but {type(document).__name__}")
    return cast("dict[str, Any]", document)


def inside(directory: Path, path: str) -> Path | str:
    """Return the file that `path` names within `directory`, or why there is none that may be read."""
    try:
        file = (directory / path).resolve()
        found = file.is_file()
    except (ValueError, OSError) as error:
        return f"the path is not one: {error}"
    if not file.is_relative_to(directory.resolve()):
        return "the path leads out of the collection"
    return file if found else "no such file"
