"""A role's name: what it takes where Pulumi's own would be too long.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

_MOST = 64
_OURS = len("-role-") + 8
"""What Pulumi adds to a component's name: the role, and a hyphen and seven digits."""

_PREFIX = 37
"""The most characters of a prefix, without its hyphen: the provider adds 26."""


def role_name(component: str) -> dict[str, str]:
    """Return the argument that names the role of a component, where Pulumi cannot."""
    return {"name_prefix": f"{component[:_PREFIX]}-"} if len(component) + _OURS > _MOST else {}
