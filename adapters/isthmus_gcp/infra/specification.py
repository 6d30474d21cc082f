"""Everything about a function that is known before it is made, and whatever must stop it from being made."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from isthmus import links
from isthmus.checks import environment
from isthmus.errors import TooLargeError
from isthmus.links import Identity
from isthmus.plan import Plan
from isthmus.transforms import TransformError
from isthmus_gcp.infra.account import email_of
from isthmus_gcp.infra.completed import completed
from isthmus_gcp.infra.deployables import Deployable
from isthmus_gcp.infra.function_args import FunctionArgs
from isthmus_gcp.infra.ways import Way, ways_of
from isthmus_gcp.names import inbox_name, physical_name, sent_name

ACCOUNT = "ISTHMUS_ACCOUNT"
TASKS = "ISTHMUS_TASKS"
DRAINS = "ISTHMUS_DRAINS"
PULL = "ISTHMUS_PULL"
SENT = "ISTHMUS_SENT"
INBOX = "ISTHMUS_INBOX"
GATEWAY = "ISTHMUS_GATEWAY"
THREADS = "THREADS"

AT_ONCE = 8
"""How many handlers run at once in an instance, where nobody says."""

_MOST_THREADS = 1000
_MOST_DRAINS = 100

_USUAL_INSTANCES = 100
"""The most instances where nobody says: https://cloud.google.com/run/docs/configuring/max-instances."""

_LONGEST_PATH = 250
_LEAST_MEMORY: Mapping[str, int] = {"1": 0, "2": 0, "4": 2048, "6": 4096, "8": 4096}
_MOST_MEMORY: Mapping[str, int] = {"1": 4096, "2": 8192, "4": 16_384, "6": 24_576, "8": 32_768}
"""MB of memory by processors: https://cloud.google.com/run/docs/configuring/services/memory-limits#cpu-minimum."""

_PART = re.compile(r"0?\.[0-9]+")
_LEAST_PART = 0.08
_PART_MEMORY = 1024
"""MB at most where a function has less than a processor."""

_RUNTIME = re.compile(r"python31[1-4]")


@dataclass(frozen=True, kw_only=True)
class Specification:
    """A function to be made: its arguments, who it is, its fixed name, what reaches it, its variables, its instances.

    `tasks` tells whether it needs the app's tasks, and `drains` how many drains of it there are at once (0: it has
    none, 1: it starts no other).
    """

    args: FunctionArgs
    identity: Identity
    physical: str
    ways: tuple[Way, ...]
    variables: Mapping[str, str]
    threads: int
    most_instances: int
    tasks: bool
    drains: int


def specify(deployable: Deployable, plan: Plan) -> Specification:
    """Return what a function comes to; an `IsthmusError` says what must not be."""
    function = deployable.function
    args = FunctionArgs.of(function, plan)
    known = completed(deployable, plan)
    ways = () if deployable.answers else tuple(ways_of(plan, function))
    threads, instances = _at_once(args, deployable, ways)
    drains = _drains(ways)
    specification = Specification(
        args=args,
        identity=known,
        physical=physical_name(plan.app, plan.target, "function", function.name),
        ways=ways,
        variables=_variables(deployable, plan, args, known, ways, threads),
        threads=threads,
        most_instances=instances,
        tasks=_needs_tasks(known),
        drains=drains,
    )
    _check(specification, deployable, plan)
    return specification


def _variables(
    deployable: Deployable, plan: Plan, args: FunctionArgs, known: Identity, ways: tuple[Way, ...], threads: int
) -> dict[str, str]:
    pulled = {way.name: {"batch": way.batch, "ordered": way.ordered} for way in ways if way.pulled}
    inbox = inbox_name(plan.app, plan.target, deployable.function)
    return {
        **args.environment,
        links.VARIABLE: links.encode(known),
        ACCOUNT: email_of(plan, deployable.name),
        THREADS: str(threads),
        **({PULL: json.dumps(pulled, separators=(",", ":"), sort_keys=True)} if pulled else {}),
        **({INBOX: inbox} if any(way.name == inbox for way in ways) else {}),
        **({SENT: sent_name(plan.app, plan.target)} if _remembers(known) else {}),
        **({GATEWAY: "1"} if deployable.gateways else {}),
    }


def _at_once(args: FunctionArgs, deployable: Deployable, ways: tuple[Way, ...]) -> tuple[int, int]:
    """Return the handlers at once in an instance, and the most instances, which together keep to what is declared."""
    most = deployable.function.concurrency
    pulled = [way for way in ways if way.pulled]
    alone = deployable.function.serial or pulled
    threads = min(args.instance_concurrency or (1 if alone else _divisor(most)), most or _MOST_THREADS)
    bounds = [way.most for way in pulled if way.most is not None]
    if most is not None:
        bounds.append(max(1, most // threads))
    usual = max(_USUAL_INSTANCES, args.min_instances)  # said aloud: else the provider keeps a bound that was taken away
    return threads, args.max_instances or min(bounds, default=usual)


def _divisor(most: int | None) -> int:
    """Return how many of `most` handlers share an instance, so that so many can run and no more."""
    return AT_ONCE if most is None else max(count for count in range(1, AT_ONCE + 1) if most % count == 0)


def _drains(ways: tuple[Way, ...]) -> int:
    pulled = [way for way in ways if way.pulled]
    if not pulled:
        return 0
    return min([_MOST_DRAINS, *(way.most for way in pulled if way.most is not None)])


def _remembers(known: Identity) -> bool:
    """Return whether what it sends is sent once: to an ordered queue, and to a workflow by a name of its own."""
    return any(
        (link.kind == "workflow" and "start" in link.verbs) or (link.kind == "queue" and link.properties.get("fifo"))
        for link in known.links.values()
    )


def _needs_tasks(known: Identity) -> bool:
    """Return whether it starts functions, or sends messages, which may be delayed."""
    return any(link.kind in ("function", "queue") for link in known.links.values())


def _check_processors(specification: Specification, what: str) -> None:
    """https://cloud.google.com/run/docs/configuring/services/cpu, https://cloud.google.com/run/docs/about-concurrency"""
    args, cpu = specification.args, specification.args.processors
    part = _PART.fullmatch(cpu)
    if cpu not in _LEAST_MEMORY and not (part and float(cpu) >= _LEAST_PART):
        raise TransformError(
            f"{what} cannot have {cpu!r} processors (cpu): Cloud Run takes {', '.join(map(repr, _LEAST_MEMORY))}, or a "
            f"part of one from '{_LEAST_PART}'"
        )
    if part and specification.threads > 1:
        raise TransformError(
            f"{what} runs {specification.threads} handlers at once in an instance, and Cloud Run takes one where cpu "
            f"is less than '1': it is {cpu!r}; give instance_concurrency=1, or cpu='1'"
        )
    least, most = (0, _PART_MEMORY) if part else (_LEAST_MEMORY[cpu], _MOST_MEMORY[cpu])
    if not least <= args.memory <= most:
        raise TransformError(
            f"{what} has {args.memory:,} MB of memory, and with cpu={cpu!r} Cloud Run takes {max(least, 128):,} to "
            f"{most:,}"
        )


def _check(specification: Specification, deployable: Deployable, plan: Plan) -> None:
    args, what = specification.args, f"function {deployable.name!r}"
    if not _RUNTIME.fullmatch(args.runtime):
        raise TransformError(f"{what} cannot run on {args.runtime!r}: the core runs on python311 to python314")
    _check_processors(specification, what)
    limits = plan.provider.capabilities.limits
    for name, value in args.environment.items():
        fault = environment.fault_of(name, value, limits)
        if fault:
            raise TransformError(f"{what}: {fault}")
    most = specification.most_instances
    if args.min_instances > most:
        raise TransformError(
            f"{what} keeps {args.min_instances} instances warm (min_instances), and has {most} at most (max_instances, "
            "or what concurrency and max_concurrency come to): the first can be no more than the second"
        )
    reserve = dict.fromkeys((TASKS, DRAINS), "x" * _LONGEST_PATH)
    taken = environment.size({**reserve, **specification.variables}, limits)
    if taken > limits.environment_bytes:
        hint = "Fewer links or routes, or configuration in a bucket or a table"
        raise TooLargeError(f"the environment of {what}", taken, limits.environment_bytes, hint)
