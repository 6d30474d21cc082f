"""Who may do what: roles that have been deployed, for who calls with an access token.

- https://cloud.google.com/workflows/docs/access-control#roles: `roles/workflows.invoker` starts, reads and cancels
  executions and calls their callbacks, `roles/workflows.viewer` reads.
- A callback needs a token as well. https://cloud.google.com/workflows/docs/creating-callback-endpoints#invoke-callback
"""

from __future__ import annotations

from collections.abc import Collection

from tests.emulators.gcp.calls import Request
from tests.emulators.gcp.gate import INVOKERS, OWNER, PROJECT
from tests.emulators.gcp.resources import Resources

RUN = ("roles/workflows.invoker", "roles/workflows.editor", "roles/workflows.admin", "roles/editor", OWNER)
READ = ("roles/workflows.viewer", *RUN)
PUBLISH = ("roles/pubsub.publisher", "roles/pubsub.editor", "roles/pubsub.admin", "roles/editor", OWNER)
TOPIC = "gcp:pubsub/topicIAMMember:TopicIAMMember"
_TOKEN = "ya29."


def caller(request: Request) -> str:
    """Return the account of a request's access token; "" where it has none."""
    scheme, _, token = request.header(b"authorization").partition(" ")
    known = scheme.lower() == "bearer" and token.startswith(_TOKEN)
    return token.removeprefix(_TOKEN) if known else ""


def allowed(resources: Resources, email: str, project: str, roles: Collection[str], *, topic: str = "") -> bool:
    """Whether an account has one of the roles in a project, or on a topic of it."""
    for member in resources.all(INVOKERS).values():
        here = member.get("token") == PROJECT or (
            member.get("token") == TOPIC and str(member.get("topic")).rpartition("/")[2] == topic
        )
        who = (member.get("project"), member.get("member")) == (project, f"serviceAccount:{email}")
        if here and who and member.get("role") in roles:
            return True
    return False
