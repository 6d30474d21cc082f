"""Everything about a function that is known before it is made, and whatever must stop it from being made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_aws import lambda_

from isthmus import links
from isthmus.checks import environment
from isthmus.declarations.function import Function
from isthmus.errors import TooLargeError
from isthmus.links import Identity
from isthmus.plan import Plan
from isthmus.transforms import TransformError
from isthmus_aws.infra.arns import Arns
from isthmus_aws.infra.completed import completed
from isthmus_aws.infra.destinations import of_destination
from isthmus_aws.infra.function_args import FunctionArgs
from isthmus_aws.infra.grants import statements
from isthmus_aws.infra.policies import TRACE, UNSCOPED, Statement, allow, document

POLICY_LIMIT = 10_240
"""The most characters of a role's own policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""

_RUNTIMES = tuple(
    sorted(runtime.value for runtime in lambda_.Runtime if re.fullmatch(r"python3\.1[1-9]", runtime.value))
)
"""Those that the core runs on."""

_VPC = {"subnets", "security_groups"}


@dataclass(frozen=True, kw_only=True)
class Specification:
    """A function to be made: its arguments, who it is, its fixed name, its policy, and its variables.

    `files` are those that its bundle has for it alone: who it is, where the variables have no room for that.
    """

    args: FunctionArgs
    identity: Identity
    physical: str
    policy: str
    variables: Mapping[str, str]
    files: Mapping[str, bytes]


def specify(declared: Function, plan: Plan, identity: Identity | None = None) -> Specification:
    """Return what a function comes to; an `IsthmusError` says what must not be.

    `identity` is who it is, where it is not simply the declared one.
    """
    args = FunctionArgs.of(declared, plan)
    _check(declared, args)
    known = completed(reachable(identity or plan.identities[declared.name], args), declared, plan)
    arns = Arns(plan)
    variables, files = _carried(declared, plan, args, known)
    return Specification(
        args=args,
        identity=known,
        physical=arns.name("function", declared.name),
        policy=_policy(declared, [*statements(plan, declared, known), *_own(declared, args)]),
        variables=variables,
        files=files,
    )


def _check(declared: Function, args: FunctionArgs) -> None:
    """Refuse arguments that do not go together.

    https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
    """
    if args.runtime not in _RUNTIMES:
        known = f"this pulumi-aws knows {', '.join(_RUNTIMES)}"
        raise TransformError(
            f"function {declared.name!r} cannot run on {args.runtime!r}: {known}. Deploy with one of these Pythons, or "
            "with a newer pulumi-aws"
        )
    if args.vpc and set(args.vpc) != _VPC:
        raise TransformError(f"vpc of function {declared.name!r} takes {' and '.join(sorted(_VPC))}")
    most = args.reserved_concurrency
    if most is not None and args.provisioned_concurrency > most:
        warm = args.provisioned_concurrency
        raise TransformError(
            f"function {declared.name!r} keeps {warm} instances warm (provisioned_concurrency), "
            f"and runs {most} at once at most (reserved_concurrency): the first can be no more than the second"
        )


def _policy(declared: Function, allowed: list[Statement]) -> str:
    text = document(allowed)
    if len(text) > POLICY_LIMIT:
        hint = "Fewer links: divide the function, or put what it does for some of them into a function of its own"
        raise TooLargeError(f"the policy of function {declared.name!r}", len(text), POLICY_LIMIT, hint)
    return text


def reachable(identity: Identity, args: FunctionArgs) -> Identity:
    """Return the identity of a function that has an address of its own as well: it takes requests, then."""
    if not args.url or "http" in identity.triggers:
        return identity
    copy = links.decode(links.encode(identity))
    copy.triggers = tuple(sorted({*identity.triggers, "http"}))
    return copy


def _carried(
    declared: Function, plan: Plan, args: FunctionArgs, identity: Identity
) -> tuple[Mapping[str, str], Mapping[str, bytes]]:
    """Return what carries an identity: the variables of a function, or else a file of its bundle, which they name.

    What a transform has made too large is refused; what is declared has been looked at by the plan.
    """
    limits = plan.provider.capabilities.limits
    text = links.encode(identity)
    variables = environment.fitted({**args.environment, links.VARIABLE: text}, limits)
    taken = environment.size(variables, limits)
    if taken > limits.environment_bytes:
        what = f"the environment of function {declared.name!r}"
        raise TooLargeError(what, taken, limits.environment_bytes, environment.advice(limits))
    spills = variables[links.VARIABLE] == links.FILE
    return variables, {links.FILE: text.encode()} if spills else {}


def _own(declared: Function, args: FunctionArgs) -> Iterator[Statement]:
    """Yield what the arguments need: some of it can be limited to no resource."""
    if args.tracing == "Active":
        yield allow(TRACE, ["*"])
    if args.vpc:
        yield allow(_unscoped("ec2:"), ["*"])
    if args.on_failure:
        yield of_destination(f"on_failure of function {declared.name!r}", args.on_failure)


def _unscoped(prefix: str) -> list[str]:
    return [action for action in UNSCOPED if action.startswith(prefix)]


def raw_vpc(vpc: Mapping[str, Any]) -> dict[str, Any]:
    """Return a function's network as Lambda takes it."""
    return {"subnet_ids": list(vpc["subnets"]), "security_group_ids": list(vpc["security_groups"])}
