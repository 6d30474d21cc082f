"""What `isthmus dev` tells when the app is up."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from isthmus.declarations.api import Api
from isthmus.plan import Plan


def banner(plan: Plan, urls: Mapping[str, str], state: Path) -> str:
    """Return the addresses with their routes, the resources, and where the data lies."""
    lines = [f"{plan.app.name}, stage {plan.target.stage}"]
    for api in plan.resources:
        if isinstance(api, Api):
            lines.append(f"  {api.name}: {urls[api.name]}")
            lines.extend(f"    {route.method:<7} {route.path}  →  {route.function.handler}" for route in api.routes)
    lines.extend(_resources(plan))
    lines.append(f"  data: {os.path.relpath(state)}")
    lines.append("Ctrl-C stops; a change of a handler or of the declaration is taken up by itself.")
    return "\n".join(lines)


def _resources(plan: Plan) -> list[str]:
    names: dict[str, list[str]] = {}
    for resource in plan.resources:
        if resource.kind not in ("api", "function"):
            names.setdefault(resource.kind, []).append(resource.name)
    return [f"  {kind}: {', '.join(known)}" for kind, known in names.items()]
