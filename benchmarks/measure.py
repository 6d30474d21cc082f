"""Measuring so that the machine's moods cancel out: the candidates take turns, and only ratios are kept."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence


def cpu_seconds(command: Sequence[str]) -> float:
    """Run `command` to its end and return the processor time it took."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)  # not communicate(): only this tells what that one process took
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed")
    return usage.ru_utime + usage.ru_stime


def per_call(function: Callable[[], object], calls: int) -> float:
    """Return the seconds of processor time that one call takes, of `calls` in a row."""
    started = time.process_time()
    for _ in range(calls):
        function()
    return (time.process_time() - started) / calls


def in_turns(candidates: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Measure each candidate `rounds` times, one after the other in every round."""
    for measure in candidates.values():
        measure()  # warm-up
    results: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, measure in candidates.items():
            results[name].append(measure())
    return results


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios of each round."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def verdict(what: str, value: float, *, at_most: float | None = None, at_least: float | None = None) -> bool:
    """Print one figure beside its target, and return whether it was met."""
    met = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
    target = f"at most {at_most:g}" if at_most is not None else f"at least {at_least:g}"
    print(f"  {'ok  ' if met else 'MISS'} {what}: {value:.2f} (target: {target})", flush=True)
    return met
