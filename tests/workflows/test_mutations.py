"""Mutation controls: whatever is broken on purpose, the tests that are there for it notice."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.workflows.breakages import ALL
from tests.workflows.breakages.breakage import Breakage, Verdict, broken, copied, judge

PROCESSES = 2

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def verdicts(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Verdict]]]:
    """Judge each breakage that a test is asked for here, a few of them at a time."""
    with ThreadPoolExecutor(PROCESSES) as pool:
        asked = {id(item): getattr(item, "callspec", None) for item in request.session.items}
        chosen = [spec.params["breakage"] for spec in asked.values() if spec and "breakage" in spec.params]
        yield {breakage.name: pool.submit(_verdict, breakage) for breakage in chosen}
        pool.shutdown(cancel_futures=True)


def _verdict(breakage: Breakage) -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        return judge(broken(breakage, Path(folder)), breakage.tests)


@pytest.mark.parametrize("breakage", ALL, ids=lambda each: each.name)
def test_somebody_notices_that(breakage: Breakage, verdicts: dict[str, Future[Verdict]]) -> None:
    verdict = verdicts[breakage.name].result()

    assert (verdict.code, bool(verdict.failed)) == (1, True), verdict.said


def test_without_a_breakage_the_same_tests_pass(tmp_path: Path) -> None:
    for package in sorted({breakage.package for breakage in ALL}):
        copied(package, tmp_path)
    tests = dict.fromkeys(test for breakage in ALL for test in breakage.tests)

    verdict = judge(tmp_path, [*tests])

    assert verdict.code == 0, verdict.said


def test_a_breakage_of_what_is_not_there_is_loud(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="0 times"):
        broken(Breakage("nothing", "isthmus_gcp/workflow/limits.py", "no such text", "", ()), tmp_path)
