"""The command: `python -m tests.corpus COLLECTION DIR [--reasons]`; it exits with 1 on a difference, 2 on bad input."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from isthmus.errors import IsthmusError
from isthmus.ports import Provider
from isthmus.providers import find, installed
from tests.corpus import events, http
from tests.corpus.report import CollectionError, Outcome, lines

COLLECTIONS: Mapping[str, Callable[[Path, Mapping[str, Provider]], Iterator[Outcome]]] = {
    "events": events.run,
    "http": http.run,
}
"""Name of a collection → what yields the outcome of each of its cases."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one collection, print what came of it and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("collection", choices=sorted(COLLECTIONS))
    parser.add_argument("directory", type=Path, metavar="DIR", help="the folder that holds the index")
    parser.add_argument("--reasons", action="store_true", help="also say why cases are not applicable")
    options = parser.parse_args(arguments)
    try:
        providers = {name: find(name) for name in installed()}
        outcomes = list(COLLECTIONS[options.collection](options.directory, providers))
    except (CollectionError, IsthmusError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for line in lines(outcomes, reasons=options.reasons):
        print(line)
    return 1 if any(outcome.verdict == "differ" for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
