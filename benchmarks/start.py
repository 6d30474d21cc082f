"""What a cold start pays for importing us and a handler, over a bare interpreter; against powertools' resolver."""

from __future__ import annotations

import compileall
import statistics
import sys
from pathlib import Path

from benchmarks import peers
from benchmarks.measure import cpu_seconds, in_turns, verdict

ROOT = Path(__file__).parent.parent
OURS = "import isthmus.serve, isthmus.handler, isthmus.links, isthmus.resource, benchmarks.handlers"
THEIRS = "from aws_lambda_powertools.event_handler import APIGatewayHttpResolver"
TARGET_MS = 8.0
TARGET_RATIO = 0.1


def main() -> bool:
    """Print both figures."""
    python = peers.python()
    for folder in ("src/isthmus", "benchmarks"):  # as in a bundle: a start finds bytecode
        compileall.compile_dir(ROOT / folder, quiet=1)
    times = in_turns(
        {
            "bare": lambda: cpu_seconds([sys.executable, "-c", "pass"]),
            "isthmus": lambda: cpu_seconds([sys.executable, "-c", OURS]),
            "peers' bare": lambda: cpu_seconds([python, "-c", "pass"]),
            "powertools": lambda: cpu_seconds([python, "-c", THEIRS]),
        },
        rounds=25,
    )
    ours = statistics.median(a - b for a, b in zip(times["isthmus"], times["bare"], strict=True))
    theirs = statistics.median(a - b for a, b in zip(times["powertools"], times["peers' bare"], strict=True))
    print(f"start: isthmus {ours * 1000:.1f} ms, powertools' resolver {theirs * 1000:.1f} ms over a bare interpreter")
    met = verdict("import of the run time and a handler, ms over a bare interpreter", ours * 1000, at_most=TARGET_MS)
    return verdict("import / powertools' resolver", ours / theirs, at_most=TARGET_RATIO) and met


if __name__ == "__main__":
    sys.exit(not main())
