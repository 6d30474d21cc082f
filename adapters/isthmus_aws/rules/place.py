"""Where an app lies: account and region are part of every fixed name, and a plan that is made without them says so.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft
from isthmus.declarations.problem import Problem


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield what the plan has assumed, where nobody has signed in."""
    unknown = [name for name in ("account", "region") if not getattr(draft.target, name)]
    if unknown:
        what = f"planned without {' and '.join(unknown)}, which `pulumi preview` finds out: the hash that names end in"
        yield Problem("", f"{what} will be another one")
