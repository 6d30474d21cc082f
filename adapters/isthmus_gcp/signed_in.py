"""The project and the region that this computer is signed in to: what names of deployed resources depend on."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from isthmus.declarations.target import Target
from isthmus.errors import IsthmusError
from isthmus_gcp.infra.location import PROJECT, REGION


class NotSignedInError(IsthmusError, PermissionError):
    """Nothing says which project or region is meant."""


def signed_in(target: Target) -> Target:
    """Return `target` with the project and the region that it is deployed to, where it names none.

    They are those of the stack's file in the working directory; otherwise the usual environment says them, and of the
    project also what `gcloud auth application-default login` left.
    https://cloud.google.com/docs/authentication/application-default-credentials
    """
    config = _of_stack(target)
    region = target.region or config.get("gcp:region") or _variable(REGION)
    if not region:
        raise NotSignedInError(
            f"no region is set: set gcp:region in {_stack_file(target)}, or GOOGLE_REGION to that of the stack"
        )
    project = target.account or config.get("gcp:project") or _variable(PROJECT) or _of_credentials()
    if not project:
        raise NotSignedInError(
            f"no project is set: set gcp:project in {_stack_file(target)}, GOOGLE_PROJECT to that of the stack, "
            "or sign in: gcloud auth application-default login"
        )
    return replace(target, account=project, region=region)


def _stack_file(target: Target) -> Path:
    return Path(f"Pulumi.{target.provider}-{target.stage}.yaml")


def _of_stack(target: Target) -> Mapping[str, str]:
    """Return the stack's configuration: https://www.pulumi.com/docs/iac/concepts/config/."""
    file = _stack_file(target)
    if not file.is_file():
        return {}
    yaml: Any = import_module("yaml")  # it comes with Pulumi
    try:
        document: Any = yaml.safe_load(file.read_text())
        config: Mapping[str, Any] = {**document["config"]}
    except (yaml.YAMLError, KeyError, TypeError):
        return {}
    return {name: value for name, value in config.items() if isinstance(value, str)}


def _variable(names: Sequence[str]) -> str:
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


def _of_credentials() -> str:
    """Return the project that the credentials belong to; "" where there are none, or they belong to none."""
    auth: Any = import_module("google.auth")
    try:
        _, project = auth.default()
    except auth.exceptions.DefaultCredentialsError:
        return ""
    return project or ""
