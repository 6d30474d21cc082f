"""Run the benchmarks: `python -m benchmarks [start] [dispatch] [http] [queue]`; all of them where none is named."""

from __future__ import annotations

import sys

from benchmarks import dispatch, http, queue, start

BENCHMARKS = {"start": start.main, "dispatch": dispatch.main, "http": http.main, "queue": queue.main}


def main(names: list[str]) -> int:
    """Run the named benchmarks and return 1 where a target was missed."""
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    met = [BENCHMARKS[name]() for name in names or BENCHMARKS]
    print("every target was met" if all(met) else "targets were missed: see MISS above")
    return not all(met)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
