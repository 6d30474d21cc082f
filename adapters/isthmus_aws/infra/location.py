"""Where a Pulumi program deploys to: the account and the region, asked for once, before anything is made."""

from __future__ import annotations

import os
from dataclasses import replace

from isthmus.declarations.target import Target

_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("us-isob-", "aws-iso-b"), ("us-iso-", "aws-iso"))


def located(target: Target) -> Target:
    """Return `target` with the account of the credentials, and the region that is configured."""
    import pulumi
    import pulumi_aws as aws

    account = target.account or aws.get_caller_identity().account_id
    region = target.region or pulumi.Config("aws").get("region") or _of_environment() or aws.get_region().region
    return replace(target, account=account or "", region=region or "")  # under a test's mocks there may be neither


def partition(region: str) -> str:
    """Return the partition of a region: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html."""
    return next((name for prefix, name in _PARTITIONS if region.startswith(prefix)), "aws")


def _of_environment() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
