from __future__ import annotations

import pytest

from tests.tools import need


def test_a_tool_that_is_there_is_found() -> None:
    assert need("sh").endswith("/sh")


def test_a_missing_tool_skips_by_name_on_a_laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match="no-such-tool is not on PATH"):
        need("no-such-tool")


def test_a_missing_tool_fails_where_nothing_may_be_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="no-such-tool is not on PATH"):
        need("no-such-tool")
