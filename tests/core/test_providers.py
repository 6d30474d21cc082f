from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from isthmus import providers
from isthmus.errors import UnknownProviderError
from isthmus.providers import GROUP, ProviderLoadError, find, installed


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> list[EntryPoint]:
    found: list[EntryPoint] = []

    def entry_points(*, group: str) -> list[EntryPoint]:
        return [entry for entry in found if entry.group == group]

    monkeypatch.setattr(providers, "entry_points", entry_points)
    return found


def test_a_provider_is_found_by_its_entry_point(entries: list[EntryPoint]) -> None:
    import tests.fakes

    entries.append(EntryPoint("fake", "tests.fakes:provider", GROUP))

    assert installed() == ["fake"]
    assert find("fake") is tests.fakes.provider


def test_an_unknown_provider_is_named_with_the_known_ones(entries: list[EntryPoint]) -> None:
    entries += [EntryPoint("two", "x:y", GROUP), EntryPoint("one", "x:y", GROUP), EntryPoint("other", "x:y", "others")]

    with pytest.raises(UnknownProviderError, match="no provider is named 'three'; installed: one, two"):
        find("three")


@pytest.mark.parametrize("value", ["nowhere:provider", "tests.core.plan.broken:provider", "tests.fakes:nothing"])
def test_a_provider_that_does_not_import_is_told_with_its_cause(entries: list[EntryPoint], value: str) -> None:
    entries.append(EntryPoint("fake", value, GROUP))

    with pytest.raises(ProviderLoadError, match=f"provider 'fake' is installed, but {value} does not import") as raised:
        find("fake")

    cause: Any = raised.value.__cause__
    assert type(cause).__name__ in str(raised.value)
