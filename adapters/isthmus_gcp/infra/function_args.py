"""The arguments of a function."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Self

from isthmus.components.arguments import Bounds, ComponentArgs, settled
from isthmus.declarations.function import Function
from isthmus.plan import Plan

RUNTIME = f"python3{sys.version_info.minor}"
"""The runtime of the interpreter that deploys: https://cloud.google.com/functions/docs/runtime-support#python."""

_CPUS = ((4096, "1"), (8192, "2"), (16_384, "4"))
_MOST = "8"


@dataclass(frozen=True, kw_only=True)
class FunctionArgs(ComponentArgs):
    """How a function runs on Google, besides what its declaration says.

    `timeout` is in seconds, `memory` in MB; `cpu` is a number of processors as text, and by itself the least that the
    memory takes, one at least. `instance_concurrency` is how many handlers run at once in an instance: 8, or 1 where
    that is asked for (`serial`) or the instance drains a queue. `max_instances` follows from the declared
    `concurrency`. `ingress` is who reaches it at all, before IAM asks who they are. `vpc_connector` is the name of a
    connector, and `vpc_egress` what goes through it. `build_account` is the service account that builds it, as
    `projects/…/serviceAccounts/…`, where that is not the project's own.
    """

    # https://cloud.google.com/functions/quotas
    # https://cloud.google.com/run/docs/about-concurrency
    bounds: ClassVar[Bounds] = {
        "memory": (128, 32 * 1024),
        "timeout": (1, 3600),
        "instance_concurrency": (1, 1000),
        "max_instances": (1, None),
        "min_instances": (0, None),
    }

    memory: int = 512
    cpu: str = ""
    timeout: int = 30
    runtime: str = RUNTIME
    environment: Mapping[str, str] = field(default_factory=lambda: {})
    instance_concurrency: int | None = None
    max_instances: int | None = None
    min_instances: int = 0
    ingress: Literal["ALLOW_ALL", "ALLOW_INTERNAL_ONLY", "ALLOW_INTERNAL_AND_GCLB"] = "ALLOW_ALL"
    vpc_connector: str = ""
    vpc_egress: Literal["PRIVATE_RANGES_ONLY", "ALL_TRAFFIC"] = "PRIVATE_RANGES_ONLY"
    build_account: str = ""

    @classmethod
    def of(cls, declared: Function, plan: Plan) -> Self:
        """Return the arguments of a declared function, after the transforms."""
        values = {
            "memory": declared.memory,
            "timeout": math.ceil(declared.timeout),
            "environment": dict(declared.environment),
            "min_instances": declared.min_instances,
        }
        return settled(cls, declared, plan, values)

    @property
    def processors(self) -> str:
        """The processors: https://cloud.google.com/run/docs/configuring/services/memory-limits#cpu-minimum."""
        return self.cpu or next((cpu for most, cpu in _CPUS if self.memory <= most), _MOST)
