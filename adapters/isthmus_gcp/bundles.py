"""What the bundle of a function on Google is: what its runtime starts with, and what it has already."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from isthmus.bundling.build import build
from isthmus.bundling.bundle import Bundle
from isthmus.bundling.packing import IMPORTER, LIBRARY
from isthmus.bundling.platform import Platform
from isthmus.bundling.root import project_root
from isthmus.bundling.start import Start
from isthmus.links import VARIABLE, Identity, encode
from isthmus.plan import Plan
from isthmus_gcp.delivery.deliveries import DRAINS
from isthmus_gcp.delivery.drain import CREATE_TASK
from isthmus_gcp.events.arrival import KEPT
from isthmus_gcp.events.readers import EVENTS, MESSAGES
from isthmus_gcp.function import DELIVERIES, WEB
from isthmus_gcp.infra.deployables import Deployable, deployables
from isthmus_gcp.infra.function import ENTRY_POINT
from isthmus_gcp.infra.function_args import RUNTIME
from isthmus_gcp.infra.specification import Specification, specify
from isthmus_gcp.linked import CLIENTS
from isthmus_gcp.services import NEEDED, PUBLISHER, SUBSCRIBER
from isthmus_gcp.web import CROSS_ORIGIN, ROUTER

ENTRIES = ("isthmus_gcp.entry",)
"""What every function starts with."""

_STARTER = "isthmus_start"

MAIN = f"from {_STARTER} import {ENTRY_POINT}  # noqa: F401\n"
"""What functions-framework reads, and Google's build looks for.

https://cloud.google.com/functions/docs/writing#directory-structure-python
"""

_START = f"""
sys.meta_path.insert(0, Library(__file__.rpartition("/")[0] + "/{LIBRARY}"))
import isthmus_gcp.entry
{ENTRY_POINT} = isthmus_gcp.entry.handle
"""

REQUIREMENTS = "functions-framework==3.*\n"
"""What Google's build installs: all else is in the bundle.

https://cloud.google.com/functions/docs/writing/specifying-dependencies-python
"""

FILES: Mapping[str, bytes] = {
    "main.py": MAIN.encode(),
    f"{_STARTER}.py": IMPORTER.read_bytes() + _START.encode(),
    "requirements.txt": REQUIREMENTS.encode(),
}
"""What is at the top of a bundle: it lets the rest of us be found in its file."""

PROVIDED: Mapping[str, str] = {
    "anyio": "anyio",
    "blinker": "blinker",
    "click": "click",
    "cloudevents": "cloudevents",
    "deprecation": "deprecation",
    "flask": "flask",
    "functions_framework": "functions-framework",
    "gunicorn": "gunicorn",
    "h11": "h11",
    "idna": "idna",
    "itsdangerous": "itsdangerous",
    "jinja2": "jinja2",
    "markupsafe": "markupsafe",
    "packaging": "packaging",
    "starlette": "starlette",
    "typing_extensions": "typing-extensions",
    "uvicorn": "uvicorn",
    "uvicorn_worker": "uvicorn-worker",
    "watchdog": "watchdog",
    "werkzeug": "werkzeug",
}
"""functions-framework and its dependencies, as the build installs them from `requirements.txt`, by their modules."""

LEFT_OUT = (
    *("isthmus_gcp.bundles", "isthmus_gcp.capabilities", "isthmus_gcp.deployed_app", "isthmus_gcp.gcp_provider"),
    *("isthmus_gcp.infra", "isthmus_gcp.names", "isthmus_gcp.rules", "isthmus_gcp.running_app"),
    *("isthmus_gcp.secret_store", "isthmus_gcp.signed_in", "isthmus_gcp.table_indexes", "isthmus_gcp.testbed"),
    "isthmus_gcp.workflow",
    *("pulumi", "pulumi_gcp"),
)
"""What deploys and checks, and has no place in a function."""

ENVIRONMENT: Mapping[str, str] = {
    "FUNCTION_TARGET": ENTRY_POINT,
    "K_CONFIGURATION": "function",
    "K_REVISION": "function-00001",
    "K_SERVICE": "function",
    "PORT": "8080",
}
"""Variables that a handler's module may read while it is imported.

https://cloud.google.com/run/docs/container-contract#env-vars
"""

_UBUNTU_22 = 35
"""The C library of the images: https://cloud.google.com/functions/docs/concepts/execution-environment#python."""

_ASKING = ("isthmus_gcp.clients.", "isthmus_gcp.connections.", "isthmus_gcp.delivery.drain")
"""Parts that ask Google's services for something: a function without any needs neither their clients nor a token."""

_RUNTIME = re.compile(r"python3(\d\d)")
_HTTP = "http"


def bundles(plan: Plan, *, progress: Callable[[str], None] | None = None) -> Mapping[str, Bundle]:
    """Return the bundle of each function that is deployed of a plan, by its name, and under "" what all have.

    An api that one function answers for has one bundle for all of its handlers, as `<api>-all`.
    """
    by_runtime: dict[str, dict[str, Start]] = {RUNTIME: {}}
    for name, deployable in deployables(plan).items():
        specification = specify(deployable, plan)
        by_runtime.setdefault(specification.args.runtime, {})[name] = _start(deployable, specification)
    built: dict[str, Bundle] = {}
    root = project_root(Path.cwd())
    for runtime, some in by_runtime.items():
        found = build(root, some, function_platform(runtime), progress=progress)
        built = {**found, **built}  # what has no handler is the first one's
    return built


def function_platform(runtime: str = RUNTIME) -> Platform:
    """Return the platform of a function on a runtime such as "python312"."""
    match = _RUNTIME.fullmatch(runtime)
    return Platform(
        python=(3, int(match[1]) if match else sys.version_info.minor),
        arch="x86_64",  # Cloud Run runs no other
        glibc=(2, _UBUNTU_22),
        entries=ENTRIES,
        files=FILES,
        sources=("main.py",),
        provided=PROVIDED,
        left_out=LEFT_OUT,
        environment=ENVIRONMENT,
    )


def parts_of(identity: Identity, *, pulled: bool = False) -> tuple[str, ...]:
    """Return the modules of ours that a function needs for its events and its links, besides what all need.

    They are those that the run-time half names in tables: see `parts`. What is `pulled` needs more.
    """
    paths = [CLIENTS[link.kind] for link in identity.links.values()]
    for link in identity.links.values():
        kind = "fifo" if link.kind == "queue" and link.properties.get("fifo") else link.kind
        paths += NEEDED.get(kind, ())
    if _HTTP in identity.triggers:
        paths += [WEB, *([ROUTER, CROSS_ORIGIN] if identity.routes else [])]
    else:
        paths += _delivering(identity, pulled=pulled)
    return _modules(paths)


def _delivering(identity: Identity, *, pulled: bool) -> list[str]:
    paths = [DELIVERIES]
    kinds = {source.kind for source in identity.sources.values()}
    if any(source.dead_letters for source in identity.sources.values()) or kinds & {"table", "schedule"}:
        paths.append(PUBLISHER)
    paths += [table[kind] for table in (MESSAGES, EVENTS) for kind in kinds if kind in table]
    if kinds & {"table", "schedule"}:
        paths.append(KEPT)
    if pulled:
        paths += [DRAINS, SUBSCRIBER, CREATE_TASK]
    return paths


def _start(deployable: Deployable, specification: Specification) -> Start:
    """Return how a function starts: as it will be deployed, but for the names that Pulumi gives."""
    pulled = any(way.pulled for way in specification.ways)
    environment = {VARIABLE: encode(specification.identity), **specification.variables}
    parts = parts_of(specification.identity, pulled=pulled)
    handlers = tuple(dict.fromkeys(deployable.handlers))
    return Start(handlers, environment, parts, plain=not any(part.startswith(_ASKING) for part in parts))


def _modules(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({path.partition(":")[0] for path in paths}))
