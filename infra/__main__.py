"""The Pulumi program: a stack for each provider and stage, named `<provider>-<stage>` (`pulumi up --stack aws-dev`)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pulumi

from isthmus.declarations.resource import Deployed
from isthmus.declarations.target import Target
from isthmus.errors import IsthmusError
from isthmus.plan import Plan, plan
from isthmus.providers import find


class StackNameError(IsthmusError, ValueError):
    """A stack's name does not say the provider and the stage."""


class NotDeployedError(IsthmusError, NotImplementedError):
    """The stack's provider is not one that Pulumi deploys to."""


def target_of(stack: str, *, account: str = "", region: str = "") -> Target:
    """Return the target of a stack: `aws-dev` is the stage dev on aws."""
    provider, dash, stage = stack.partition("-")
    if not (provider and dash and stage):
        raise StackNameError(f"the stack is named {stack!r}; name it <provider>-<stage>, as in aws-dev")
    return Target(provider=provider, stage=stage, account=account, region=region)


def realise(planned: Plan) -> dict[str, Any]:
    """Make a component of each planned resource by the provider's table; return the components by declared name."""
    components = planned.provider.components
    if not components:
        raise NotDeployedError(
            f"{planned.provider.name} runs with `isthmus dev`; nothing of it is deployed by Pulumi. "
            "To deploy, install a cloud's provider, such as pip install 'isthmus[aws]', and name the stack after it"
        )
    return {resource.name: components[resource.kind](resource, planned) for resource in planned.resources}


def output(value: Any, components: dict[str, Any]) -> Any:
    """Return what an output comes to: the component's own attribute, where it is known only once deployed."""
    return getattr(components[value.resource.name], value.property) if isinstance(value, Deployed) else value


def deploy() -> None:
    """Plan the app for this stack, refuse it with every problem, or realise it and export its outputs."""
    from infra.app import app  # found only now: Pulumi runs this folder, and its parent is not on the path

    config = pulumi.Config()
    target = target_of(pulumi.get_stack(), account=config.get("account") or "", region=config.get("region") or "")
    planned = plan(app(target), target, find(target.provider))
    planned.check()
    components = realise(planned)
    for name, value in planned.app.outputs.items():
        pulumi.export(name, output(value, components))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    try:
        deploy()
    except IsthmusError as error:
        raise pulumi.RunError(str(error)) from error  # which Pulumi shows without a traceback
