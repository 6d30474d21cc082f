"""The installed providers, found by their entry points."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import cast

from isthmus.errors import IsthmusError, UnknownProviderError
from isthmus.ports import Provider

GROUP = "isthmus.providers"
"""The group of entry points that a provider registers in, by its name."""


class ProviderLoadError(IsthmusError, ImportError):
    """An installed provider does not import; the import's own error is the cause."""

    def __init__(self, name: str, value: str, cause: BaseException) -> None:
        super().__init__(
            f"provider {name!r} is installed, but {value} does not import: {type(cause).__name__}: {cause}. "
            f"Is its extra installed? pip install 'isthmus[{name}]'"
        )


def installed() -> list[str]:
    """Return the names of the installed providers."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def find(name: str) -> Provider:
    """Return the provider `name`; `UnknownProviderError` where none is installed under that name."""
    for entry in entry_points(group=GROUP):
        if entry.name == name:
            return _load(entry)
    raise UnknownProviderError(name, installed())


def _load(entry: EntryPoint) -> Provider:
    try:
        return cast("Provider", entry.load())
    except Exception as error:  # whatever a third party's import raises is told as such
        raise ProviderLoadError(entry.name, entry.value, error) from error
