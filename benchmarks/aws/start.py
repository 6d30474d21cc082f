"""What a cold start on Lambda pays for us, over the runtime client that it imports in any case."""

from __future__ import annotations

import compileall
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import cpu_seconds, in_turns, verdict
from isthmus.links import VARIABLE, Identity, encode

ROOT = Path(__file__).parent.parent.parent
CLIENT = "import awslambdaric.bootstrap, awslambdaric.lambda_runtime_client"
OURS = f"{CLIENT}; import isthmus_aws.entry"
HANDLER = "benchmarks.aws.bare.answer"
TARGET_MS = 10.0
ROUNDS = 25


def main() -> bool:
    """Print the milliseconds of processor time that the import takes, the loading of the handler included."""
    for folder in ("src/isthmus", "adapters/isthmus_aws", "benchmarks/aws"):  # as in a bundle: a start finds bytecode
        compileall.compile_dir(ROOT / folder, quiet=1)
    return all([_measured("http"), _measured("queue")])


def _measured(trigger: str) -> bool:
    client = [sys.executable, "-c", CLIENT]
    times = in_turns({"runtime client": lambda: cpu_seconds(client), "isthmus": _ours(trigger)}, ROUNDS)
    more = statistics.median(a - b for a, b in zip(times["isthmus"], times["runtime client"], strict=True))
    each = ", ".join(f"{who} {statistics.median(took) * 1000:.1f} ms" for who, took in times.items())
    print(f"start on Lambda, {trigger}: {each}")
    return verdict(f"import for {trigger} events, ms over awslambdaric", more * 1000, at_most=TARGET_MS)


def _ours(trigger: str) -> Callable[[], float]:
    identity = Identity(
        app="bench", stage="dev", provider="aws", function="Bench", handler=HANDLER, triggers=(trigger,)
    )
    script = f"import os; os.environ[{VARIABLE!r}] = {encode(identity)!r}; {OURS}"
    return lambda: cpu_seconds([sys.executable, "-c", script])


if __name__ == "__main__":
    sys.exit(not main())
