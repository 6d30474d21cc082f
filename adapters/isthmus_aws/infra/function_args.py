"""The arguments of a function."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self, TypeAlias

from isthmus.components.arguments import Bounds, ComponentArgs, settled
from isthmus.declarations.function import Function
from isthmus.plan import Plan
from isthmus_aws.infra.days import Days

Architecture: TypeAlias = Literal["x86_64", "arm64"]

RUNTIME = f"python3.{sys.version_info.minor}"
"""The runtime of the interpreter that deploys: the bundles hold its bytecode."""


@dataclass(frozen=True, kw_only=True)
class FunctionArgs(ComponentArgs):
    """How a function runs on Lambda, besides what its declaration says.

    `timeout` is in seconds, `memory` and `ephemeral_storage` in MB, `log_retention` in days. `reserved_concurrency` is
    the declared `concurrency`, and `provisioned_concurrency` the declared `min_instances`, kept warm behind an alias.
    `async_retries` and `on_failure` (the ARN of a queue, topic, function or bus) are for asynchronous invocations from
    outside of the app; what the app itself starts goes through a queue. `vpc` is `{"subnets": […], "security_groups":
    […]}`. `url` gives the function an address of its own: `{"auth": "NONE"}`, or "AWS_IAM", and `"cors": {…}`.

    `tracing` is "Active": X-Ray then shows cold starts, throttles and what a queue's message waited, which a function
    cannot see of itself. It traces the first request of a second and 5% of the rest (https://aws.amazon.com/xray/pricing/
    says what that costs); "PassThrough" leaves it to the caller. What joins an app's log lines and hops, on every
    provider, is the W3C `traceparent` of the envelope, and not this.
    """

    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    bounds: ClassVar[Bounds] = {
        "memory": (128, 10_240),
        "timeout": (1, 900),
        "ephemeral_storage": (512, 10_240),
        "reserved_concurrency": (0, None),
        "provisioned_concurrency": (0, None),
    }

    memory: int = 512
    timeout: int = 30
    architecture: Architecture = "x86_64"
    runtime: str = RUNTIME
    environment: Mapping[str, str] = field(default_factory=lambda: {})
    log_retention: Days = 30
    reserved_concurrency: int | None = None
    provisioned_concurrency: int = 0
    async_retries: Literal[0, 1, 2] = 2
    on_failure: str = ""
    ephemeral_storage: int = 512
    vpc: Mapping[str, Sequence[str]] = field(default_factory=lambda: {})
    tracing: Literal["Active", "PassThrough"] = "Active"
    layers: Sequence[str] = ()
    url: Mapping[str, Any] = field(default_factory=lambda: {})

    @classmethod
    def of(cls, declared: Function, plan: Plan) -> Self:
        """Return the arguments of a declared function, after the transforms."""
        values = {
            "memory": declared.memory,
            "timeout": math.ceil(declared.timeout),  # Lambda counts whole seconds; the entry keeps to the exact time
            "environment": dict(declared.environment),
            "reserved_concurrency": declared.concurrency,
            "provisioned_concurrency": declared.min_instances,
        }
        return settled(cls, declared, plan, values)
