"""Run the benchmarks: `python -m benchmarks [start] [dispatch] [http] [aws-…] [gcp-…]`; all where none is named."""

from __future__ import annotations

import sys

from benchmarks import dispatch, http, queue, start, workflows
from benchmarks.aws import batches, bundles, first_use
from benchmarks.aws import dispatch as aws_dispatch
from benchmarks.aws import start as aws_start
from benchmarks.gcp import cloud_events as gcp_cloud_events
from benchmarks.gcp import requests as gcp_requests
from benchmarks.gcp import start as gcp_start

BENCHMARKS = {
    "start": start.main,
    "dispatch": dispatch.main,
    "http": http.main,
    "queue": queue.main,
    "workflows": workflows.main,
    "aws-start": aws_start.main,
    "aws-dispatch": aws_dispatch.main,
    "aws-batches": batches.main,
    "aws-first-use": first_use.main,
    "aws-bundles": bundles.main,
    "gcp-start": gcp_start.main,
    "gcp-requests": gcp_requests.main,
    "gcp-cloud-events": gcp_cloud_events.main,
}


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
