"""The command: `python -m tests.corpus COLLECTION DIR [--reasons]`; it exits with 1 on a difference, 2 on bad input."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from isthmus.errors import IsthmusError
from isthmus.ports import Provider
from isthmus.providers import find, installed
from tests.corpus import asl, compile, events, http, lint, workflows, workflows_asl
from tests.corpus.report import CollectionError, Outcome, lines

COLLECTIONS: Mapping[str, Callable[[Path, Mapping[str, Provider]], Iterator[Outcome]]] = {
    "asl": asl.run_all,
    "events": events.run,
    "http": http.run,
    "lint": lint.run,
    "workflows": workflows.run,
    "workflows-asl": workflows_asl.run,
}
"""Name of a collection → what yields the outcome of each of its cases."""

COMPILE = "compile"
"""The name that asks for no collection, but for every definition below a folder to be compiled."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one collection, print what came of it and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("collection", choices=sorted([*COLLECTIONS, COMPILE]))
    parser.add_argument("directory", type=Path, metavar="DIR", help="the folder that holds the index")
    parser.add_argument("--reasons", action="store_true", help="also say why cases are not applicable")
    options = parser.parse_args(arguments)
    if options.collection == COMPILE:
        return _compile(options.directory)
    try:
        providers = {name: find(name) for name in installed()}
        outcomes = list(COLLECTIONS[options.collection](options.directory, providers))
    except (CollectionError, IsthmusError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for line in lines(outcomes, reasons=options.reasons):
        print(line)
    return 1 if any(outcome.verdict == "differ" for outcome in outcomes) else 0


def _compile(directory: Path) -> int:
    try:
        found = compile.report(directory)
    except CollectionError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for line in found.lines:
        print(line)
    return 1 if found.crashed else 0


if __name__ == "__main__":
    sys.exit(main())
