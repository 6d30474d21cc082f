"""What a cold start on Cloud Functions pays for us, over the framework that it imports in any case."""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import verdict
from isthmus.links import VARIABLE, Identity, encode

ROOT = Path(__file__).parent.parent.parent
SCRIPT = """
import functions_framework, time
began = time.process_time()
import isthmus_gcp.entry
print(time.process_time() - began)
"""
"""What prints the seconds that we take: those of the framework, ten times as many, would drown them."""
HANDLER = "benchmarks.aws.bare.answer"
TARGET_MS = 10.0
ROUNDS = 25


def main() -> bool:
    """Print the milliseconds of processor time that the import takes, the loading of the handler included."""
    for folder in ("src/isthmus", "adapters/isthmus_gcp", "benchmarks/aws"):  # as in a bundle: a start finds bytecode
        compileall.compile_dir(ROOT / folder, quiet=1)
    return all([_measured("http"), _measured("queue")])


def _measured(trigger: str) -> bool:
    variables = {**os.environ, VARIABLE: encode(_identity(trigger))}
    took = [_seconds(variables) * 1000 for _ in range(ROUNDS)]
    print(f"start on Cloud Functions, {trigger}: {min(took):.1f} to {max(took):.1f} ms")
    what = f"import for {trigger} events, ms over functions-framework"
    return verdict(what, statistics.median(took), at_most=TARGET_MS)


def _seconds(variables: dict[str, str]) -> float:
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=variables, check=True, stdout=subprocess.PIPE)
    return float(done.stdout)


def _identity(trigger: str) -> Identity:
    is_http = trigger == "http"
    return Identity(
        app="bench",
        stage="dev",
        provider="gcp",
        function="Bench",
        handler="" if is_http else HANDLER,
        triggers=(trigger,),
        routes={"GET /": HANDLER} if is_http else {},
    )


if __name__ == "__main__":
    sys.exit(not main())
