"""What bundles cost: bytes of core and adapter, a hundred functions over one, a rebuild over a build."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from benchmarks.measure import in_turns, ratio, verdict
from isthmus.bundling.build import build
from isthmus.bundling.bundle import Bundle
from isthmus.bundling.cache import Cache
from isthmus.bundling.start import Start
from isthmus.links import Identity, Link
from isthmus_aws.bundles import lambda_platform, parts_of

MANY = 100
TARGET_KB = 100.0
TARGET_MANY = 2.0
TARGET_AGAIN = 1 / 20
ROUNDS = 3

TABLE = Link("table", "Orders", "shop-dev-Orders", ("get", "put"))


def function(trigger: str, *links: Link) -> Identity:
    """Return who a function is that takes one kind of event."""
    return Identity(
        app="shop",
        stage="dev",
        provider="aws",
        function="F",
        triggers=(trigger,),
        links={link.name: link for link in links},
    )


KINDS = {"http": function("http"), "http + table": function("http", TABLE), "queue + table": function("queue", TABLE)}
"""The functions whose sizes are looked at."""

HANDLER = """
from isthmus import HttpRequest, HttpResponse, Resource
from shelf import prices

def handle(request: HttpRequest) -> HttpResponse:
    return HttpResponse.json({"total": prices.total(request.json())})
"""
PRICES = "def total(order):\n    return sum(line['price'] for line in order['lines'])\n"


def main() -> bool:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "project")
        make(root)
        sizes = {name: size_of(root, identity, Path(folder)) for name, identity in KINDS.items()}
        kept = Cache(Path(folder, "kept"))
        times = in_turns(
            {
                "one": lambda: fresh(root, 1, Path(folder)),
                "many": lambda: fresh(root, MANY, Path(folder)),
                "again": lambda: cpu(lambda: built(root, MANY, kept)),
            },
            rounds=ROUNDS,
        )
    shown = {name: f"{min(measured) * 1000:.0f} ms" for name, measured in times.items()}
    print(f"bundles: one {shown['one']}, {MANY} {shown['many']}, the same {MANY} again {shown['again']} of CPU time")
    met = [
        *(verdict(f"core and adapter, {name}, KB of the zip", size, at_most=TARGET_KB) for name, size in sizes.items()),
        verdict(f"{MANY} functions / one", ratio(times["many"], times["one"]), at_most=TARGET_MANY),
        verdict("a rebuild without a change / a build", ratio(times["again"], times["many"]), at_most=TARGET_AGAIN),
    ]
    return all(met)


def make(root: Path) -> None:
    """Write a project of a hundred handlers, each in a module of its own."""
    (root / "shelf").mkdir(parents=True)
    (root / "shelf/__init__.py").touch()
    (root / "shelf/prices.py").write_text(PRICES)
    for number in range(MANY):
        (root / f"shelf/f{number}.py").write_text(f"NUMBER = {number}\n{HANDLER}")


def built(root: Path, count: int, cache: Cache) -> dict[str, Bundle]:
    """Build the first functions of the project."""
    parts = parts_of(KINDS["http"])
    starts = {f"F{number}": Start((f"shelf.f{number}.handle",), parts=parts) for number in range(count)}
    return {**build(root, starts, lambda_platform(), cache=cache)}


def size_of(root: Path, identity: Identity, folder: Path) -> float:
    """Return the KB that core and adapter take, deflated, in the bundle of a function of that kind."""
    starts = {"F": Start(("shelf.f0.handle",), parts=parts_of(identity))}
    parts = build(root, starts, lambda_platform(), cache=Cache(folder / "size"))["F"].parts
    return sum(size for name, size in parts.items() if name.startswith("isthmus")) / 1000


def fresh(root: Path, count: int, folder: Path) -> float:
    """Return the time of a build that finds nothing from an earlier one."""
    with tempfile.TemporaryDirectory(dir=folder) as cache:
        return cpu(lambda: built(root, count, Cache(Path(cache))))


def cpu(function: Callable[[], object]) -> float:
    """Return the processor time that a call takes, in this process and in those that it starts."""
    before = _spent()
    function()
    return _spent() - before


def _spent() -> float:
    """Return the seconds of this process and of those that have ended: `os.times` only counts hundredths."""
    return sum(sum(getrusage(who)[:2]) for who in (RUSAGE_SELF, RUSAGE_CHILDREN))


if __name__ == "__main__":
    sys.exit(not main())
