"""What a Lambda bundle is: what its runtime starts with, what it has already, and how large it may be."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from isthmus.bundling.build import build
from isthmus.bundling.bundle import Bundle
from isthmus.bundling.packing import IMPORTER, LIBRARY
from isthmus.bundling.platform import Arch, Platform
from isthmus.bundling.root import project_root
from isthmus.bundling.start import Start
from isthmus.declarations.function import Function
from isthmus.declarations.queue import Queue
from isthmus.declarations.topic import Topic
from isthmus.links import VARIABLE, Identity, encode
from isthmus.plan import Plan
from isthmus.wiring import workflow_targets, workflows
from isthmus_aws.delivery.deliveries import ENVELOPES, WAYS
from isthmus_aws.events.deliveries import EVENTBRIDGE, SERVICES
from isthmus_aws.events.sqs import PUSHED
from isthmus_aws.function import DELIVERIES, TASK, WEB
from isthmus_aws.infra.api_functions import bundle_keys, one_function_apis, rest, routed_apis, whole
from isthmus_aws.infra.function import HANDLER
from isthmus_aws.infra.function_args import RUNTIME
from isthmus_aws.infra.specification import specify
from isthmus_aws.linked import CLIENTS
from isthmus_aws.web import ROUTER
from isthmus_aws.wire import WORKFLOW

ENTRIES = ("isthmus_aws.entry",)
"""What every function starts with."""

_START = f"""
sys.meta_path.insert(0, Library(__file__.rpartition("/")[0] + "/{LIBRARY}"))
import isthmus_aws.entry
handle = isthmus_aws.entry.handle
"""

BOOTSTRAP: Mapping[str, bytes] = {f"{HANDLER.partition('.')[0]}.py": IMPORTER.read_bytes() + _START.encode()}
"""What Lambda imports: it lets the rest of us be found in its file."""

PROVIDED: Mapping[str, str] = {
    "boto3": "boto3",
    "botocore": "botocore",
    "dateutil": "python-dateutil",
    "jmespath": "jmespath",
    "s3transfer": "s3transfer",
    "six": "six",
    "urllib3": "urllib3",
}
"""The AWS SDK and its dependencies, as every Python runtime of Lambda has them, by their modules.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html#python-sdk-included
"""

LEFT_OUT = (
    *("isthmus_aws.aws_provider", "isthmus_aws.bundles", "isthmus_aws.infra", "isthmus_aws.rules"),
    "isthmus_aws.workflow",
    *("pulumi", "pulumi_aws"),
)
"""What deploys and checks, and has no place in a function."""

ENVIRONMENT: Mapping[str, str] = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "TZ": ":UTC"}
"""Variables that a handler's module may read while it is imported.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
"""

UNZIPPED_LIMIT = 250 * 1024 * 1024
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

_AMAZON_LINUX_2023 = 34
_AMAZON_LINUX_2 = 26
"""The C library of runtimes: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html#runtimes-supported."""

_RUNTIME = re.compile(r"python3\.(\d+)")


def bundles(plan: Plan, *, progress: Callable[[str], None] | None = None) -> Mapping[str, Bundle]:
    """Return the bundle of each function that is made of a plan, by its name, and under "" core and adapter alone.

    An api that one function answers for has one bundle for all of its handlers, as `<api>-all`; what answers for the
    rest of an api has one without a handler, as `<api>-rest`.
    """
    functions = dict(_functions(plan))
    by_platform: dict[tuple[Arch, str], dict[str, Start]] = {("x86_64", RUNTIME): {}}
    for name, handlers in bundle_keys(plan).items():
        if name:
            where, start = _start(plan, handlers, *functions[name])
            by_platform.setdefault(where, {})[name] = start
    built: dict[str, Bundle] = {}
    root = project_root(Path.cwd())
    for (arch, runtime), some in by_platform.items():
        found = build(root, some, lambda_platform(arch, runtime), progress=progress)
        built = {**found, **built}  # what has no handler is the first one's
    return built


def lambda_platform(arch: Arch = "x86_64", runtime: str = RUNTIME) -> Platform:
    """Return the platform of a Lambda function of an architecture and a runtime such as "python3.12"."""
    match = _RUNTIME.fullmatch(runtime)
    minor = int(match[1]) if match else sys.version_info.minor
    return Platform(
        python=(3, minor),
        arch=arch,
        glibc=(2, _AMAZON_LINUX_2 if minor < 12 else _AMAZON_LINUX_2023),
        entries=ENTRIES,
        files=BOOTSTRAP,
        provided=PROVIDED,
        left_out=LEFT_OUT,
        environment=ENVIRONMENT,
        size_limit=UNZIPPED_LIMIT,
        size_source="https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
    )


def _functions(plan: Plan) -> Iterator[tuple[str, tuple[Function, Identity]]]:
    for function in plan.functions:
        yield function.name, (function, plan.identities[function.name])
    for api in one_function_apis(plan):
        function, identity = whole(api, plan)
        yield function.name, (function, identity)
    for api in routed_apis(plan):
        function, identity = rest(api, plan)
        yield function.name, (function, identity)


def _start(
    plan: Plan, handlers: tuple[str, ...], declared: Function, identity: Identity
) -> tuple[tuple[Arch, str], Start]:
    """Return where a function runs, and how it starts there."""
    specification = specify(declared, plan, identity)
    args, known = specification.args, specification.identity
    environment = {**args.environment, VARIABLE: encode(known)}  # for the proof; the function may have it as a file
    parts = parts_of(known, of_workflows=_workflows_send(plan))
    start = Start(handlers, environment, parts, files=specification.files)
    return (args.architecture, args.runtime), start


def _workflows_send(plan: Plan) -> bool:
    """Tell whether a workflow of the app sends to any queue or topic."""
    called = [target.resource for workflow in workflows(plan.app) for target in workflow_targets(workflow)]
    return any(isinstance(resource, Queue | Topic) for resource in called)


def parts_of(identity: Identity, *, of_workflows: bool = True) -> tuple[str, ...]:
    """Return the modules of ours that a function needs for its events and its links, besides what all need.

    They are those that the run-time half names in tables: see `parts`. `of_workflows` tells whether the messages that
    reach it may be of a workflow.
    """
    kinds = {*identity.triggers}
    paths = [CLIENTS[link.kind] for link in identity.links.values()]
    if "http" in kinds:
        paths += [WEB, *([ROUTER] if identity.routes else [])]
    if kinds != {"http"}:
        paths += [DELIVERIES, *([TASK] if "task" in kinds else [])]
    if of_workflows and kinds & {"queue", "topic"}:
        paths.append(WORKFLOW)
    services = [service for service in (*SERVICES.values(), EVENTBRIDGE) if kinds.intersection(service.kinds)]
    paths += [path for service in services for path in (service.reader, WAYS[service.name])]
    paths += [path for table in (PUSHED, ENVELOPES) for kind, path in table.items() if kind in kinds]
    return _modules(paths)


def _modules(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({path.partition(":")[0] for path in paths}))
