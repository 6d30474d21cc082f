"""The account and the region that this computer is signed in to: what names of deployed resources depend on."""

from __future__ import annotations

import os
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from isthmus.declarations.target import Target
from isthmus.errors import IsthmusError


class NotSignedInError(IsthmusError, PermissionError):
    """Nothing says which account or region is meant, or AWS does not take what does."""


def signed_in(target: Target, *, endpoint: str = "") -> Target:
    """Return `target` with the account and the region that it is deployed to, where it names none.

    The region is that of the stack's file in the working directory; otherwise the usual AWS environment says it.
    The account is asked of STS: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html.
    """
    exceptions: Any = import_module("botocore.exceptions")  # botocore has no types of its own
    try:
        session: Any = import_module("botocore.session").Session()
        region = target.region or _of_stack(target) or os.environ.get("AWS_REGION")
        region = region or session.get_config_variable("region")
        if not region:
            raise NotSignedInError(
                f"no region is set: set aws:region in {_stack_file(target)}, AWS_REGION to that of the stack, "
                "or AWS_PROFILE to a profile that names it"
            )
        account = target.account or _account(session, region, endpoint)
    except (exceptions.BotoCoreError, exceptions.ClientError) as error:
        raise NotSignedInError(f"the AWS account cannot be told: {error}. Set AWS_PROFILE, or sign in again") from error
    return replace(target, account=account, region=region)


def _stack_file(target: Target) -> Path:
    return Path(f"Pulumi.{target.provider}-{target.stage}.yaml")


def _of_stack(target: Target) -> str:
    """Return the region of the stack's configuration: https://www.pulumi.com/docs/iac/concepts/config/."""
    file = _stack_file(target)
    if not file.is_file():
        return ""
    yaml: Any = import_module("yaml")  # it comes with Pulumi
    try:
        document: Any = yaml.safe_load(file.read_text())
        region: Any = document["config"]["aws:region"]
    except (yaml.YAMLError, KeyError, TypeError):
        return ""
    return region if isinstance(region, str) else ""


def _account(session: Any, region: str, endpoint: str) -> str:
    account: str = session.create_client(
        "sts", region_name=region, endpoint_url=endpoint or None
    ).get_caller_identity()["Account"]
    return account
