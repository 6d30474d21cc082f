"""What all contract classes have in common: how long they wait, and where they look."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar, cast

import pytest

from isthmus._typing import Item
from isthmus.capabilities import GUARANTEES, Unsupported
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.plan import Plan, plan
from isthmus.ports import Provider, Testbed
from isthmus.testing.waiting import wait_until

T = TypeVar("T")
P = ParamSpec("P")
S = TypeVar("S", bound="Contract")


class Contract:
    """The base of the contract classes: subclass one as `class TestTables(TableContract)` to run it over a provider.

    Two fixtures are yours to write: `provider`, the provider, and `testbed`, its testbed of `contract_app`, of any
    scope: every test uses keys of its own. A slow provider sets `patience`, the seconds that a test waits for what must
    happen, and `quiet`, those in which what must not happen would have.

    The patience given is for a delivery that had to be made three times: a cloud waits 10 s before the second and twice
    as long before the third, and a first one may come before its function is up.
    """

    patience: ClassVar[float] = 60
    quiet: ClassVar[float] = 0.3
    provider: Provider

    @pytest.fixture(autouse=True)
    def _of_provider(self, provider: Provider) -> None:
        self.provider = provider

    @pytest.fixture
    def case(self) -> str:
        """Return a name that no other test uses."""
        return uuid.uuid4().hex

    def eventually(self, condition: Callable[[], T], what: str = "") -> T:
        """Return what `condition` returns once that is true."""
        return wait_until(condition, self.patience, what=what)

    def rows(self, testbed: Testbed, case: str) -> list[Item]:
        """Return what the handlers have recorded of `case` so far, in the order in which they did."""
        rows: list[Item] = []
        cursor: str | None = None
        while True:
            page = testbed.resource("Seen").query(case, cursor=cursor)
            rows.extend(page.items)
            cursor = page.cursor
            if cursor is None:
                return rows

    def seen(self, testbed: Testbed, case: str, count: int = 1, *, by: str | None = None) -> list[Item]:
        """Return what was recorded of `case` (`by` one function), once that is about at least `count` things.

        A delivery may come twice on any provider: rows are counted by their `label`, `kind` and `key`.
        """

        def enough() -> list[Item]:
            rows = [row for row in self.rows(testbed, case) if by in (None, row["function"])]
            return rows if len(_subjects(rows)) >= count else []

        return self.eventually(enough, f"{count} events of {case!r} by {by or 'any function'}")

    def hush(self) -> None:
        """Let the time pass in which what must not happen would have."""
        time.sleep(self.quiet)

    def can(self, feature: str) -> bool:
        """Say whether the provider supports `feature`."""
        return not isinstance(self.provider.capabilities.support(feature), Unsupported)

    def planned(self, declare: Callable[[App], object]) -> Plan:
        """Return the plan of an app that `declare` makes."""
        app = App("asked")
        declare(app)
        return plan(app, Target(self.provider.name, "test"), self.provider)

    def refusal(self, feature: str, declare: Callable[[App], object]) -> None:
        """Prove that the plan of an app that asks for an unsupported `feature` says why it is refused.

        A guarantee that does not hold refuses nothing, but is noted.
        """
        support = self.provider.capabilities.support(feature)
        assert isinstance(support, Unsupported)
        planned = self.planned(declare)
        told = planned.notes if feature in GUARANTEES else planned.problems

        assert any(support.reason in problem.what for problem in told), told


def labels(rows: Sequence[Item]) -> set[str]:
    """Return the different labels of `rows`: what was seen, however often."""
    return {str(row.get("label")) for row in rows}


def _subjects(rows: Sequence[Item]) -> set[str]:
    """Return what `rows` are about, each once: a label, or a kind of event and its key."""
    return {repr((row.get("label"), row.get("kind"), row.get("key"))) for row in rows}


def first(rows: Sequence[Item], **wanted: Any) -> Item:
    """Return the first row that has all the attributes `wanted`."""
    return next(row for row in rows if all(row.get(name) == value for name, value in wanted.items()))


def requires(
    feature: str, declare: Callable[[App], object]
) -> Callable[[Callable[Concatenate[S, P], None]], Callable[Concatenate[S, P], None]]:
    """Run the test where `feature` works; elsewhere prove that the plan of an app that asks for it is refused."""

    def decorate(test: Callable[Concatenate[S, P], None]) -> Callable[Concatenate[S, P], None]:
        @wraps(test)
        def run(self: S, *args: P.args, **kwargs: P.kwargs) -> None:
            if self.can(feature):
                test(self, *args, **kwargs)
            else:
                self.refusal(feature, declare)

        return cast("Callable[Concatenate[S, P], None]", run)

    return decorate


def invoke(testbed: Testbed, function: str, payload: Mapping[str, Any]) -> Any:
    """Call a function and return its result."""
    return testbed.resource(function).invoke(dict(payload))
