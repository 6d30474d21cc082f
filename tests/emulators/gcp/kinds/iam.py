"""Service accounts, and members of policies: which of them may do what is looked at where it is done."""

from __future__ import annotations

from typing import Any

from tests.emulators.gcp.kinds.kept import kept, member
from tests.emulators.gcp.session import Session
from tests.emulators.gcp.tokens import unique_id
from tests.emulators.realiser.kind import Inputs, Kind


def _email(google: Session, inputs: Inputs) -> str:
    return f"{inputs['accountId']}@{google.of(inputs)}.iam.gserviceaccount.com"


def _account(google: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    email = _email(google, inputs)
    return {"email": email, "member": f"serviceAccount:{email}", "name": id_, "uniqueId": unique_id(email)}


def _path(google: Session, inputs: Inputs) -> str:
    return google.path(inputs, "serviceAccounts", _email(google, inputs))


_MEMBERS = {
    "gcp:serviceaccount/iAMMember:IAMMember": ("serviceAccountId",),
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": ("location", "name"),
    "gcp:storage/bucketIAMMember:BucketIAMMember": ("bucket",),
    "gcp:pubsub/topicIAMMember:TopicIAMMember": ("topic",),
    "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": ("subscription",),
    "gcp:cloudtasks/queueIamMember:QueueIamMember": ("location", "name"),
    "gcp:secretmanager/secretIamMember:SecretIamMember": ("secretId",),
    "gcp:projects/iAMMember:IAMMember": (),
}

KINDS: dict[str, Kind] = {
    "gcp:serviceaccount/account:Account": kept(
        "account", _path, _account, fixed=("accountId",), outputs=("email", "member", "name", "uniqueId")
    ),
    **{token: member(token, *on) for token, on in _MEMBERS.items()},
}
"""Pulumi's token to what makes it."""
