"""A bucket on S3: private, encrypted, and the inboxes that its events go to.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote_plus

import pulumi
from pulumi_aws import s3

from isthmus.components.arguments import Bounds, ComponentArgs, settled
from isthmus.components.component import Component, Node
from isthmus.declarations import bucket as declarations
from isthmus.declarations.function import Function
from isthmus.declarations.subscription import Subscription
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_aws.infra.arns import Arns
from isthmus_aws.infra.inbox import PUSHED, Opened, open_inbox
from isthmus_aws.infra.mapping import known_as
from isthmus_aws.infra.policies import allow_service, document
from isthmus_aws.infra.transport import refuse_unencrypted

BUCKET = Node("bucket", s3.Bucket, holds_data=True)
ACCESS = Node("access", s3.BucketPublicAccessBlock)
OWNERSHIP = Node("ownership", s3.BucketOwnershipControls)
ENCRYPTION = Node("encryption", s3.BucketServerSideEncryptionConfiguration)
VERSIONING = Node("versioning", s3.BucketVersioning, holds_data=True)  # without it an object is lost when overwritten
LIFECYCLE = Node("lifecycle", s3.BucketLifecycleConfiguration)
POLICY = Node("policy", s3.BucketPolicy)
NOTIFICATION = Node("notification", s3.BucketNotification)

EVENTS: Mapping[str, str] = {"created": "s3:ObjectCreated:*", "removed": "s3:ObjectRemoved:*"}
"""What S3 calls the events of a subscription."""

_SAFE = "/!-_.*'()"
"""What stands for itself in a filter: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html."""


@dataclass(frozen=True, kw_only=True)
class BucketArgs(ComponentArgs):
    """A bucket on S3, besides what its declaration says.

    `empty_on_removal` deletes the objects with the bucket: it is on where the stage keeps nothing. What was uploaded in
    parts and never finished goes after `abort_uploads_after` days.
    """

    bounds: ClassVar[Bounds] = {"abort_uploads_after": (1, None)}

    versioned: bool = False
    empty_on_removal: bool = False
    abort_uploads_after: int = 7

    @classmethod
    def of(cls, declared: declarations.Bucket, plan: Plan) -> BucketArgs:
        """Return the arguments of a declared bucket, after the transforms."""
        removed = plan.app.removal == "remove"
        return settled(cls, declared, plan, {"versioned": declared.versioned, "empty_on_removal": removed})


class Bucket(Component[BucketArgs]):
    """A bucket that only its account reaches, over TLS; `notification` is the one that tells all its inboxes."""

    token = "isthmus:aws:Bucket"
    children = (BUCKET, ACCESS, OWNERSHIP, ENCRYPTION, VERSIONING, LIFECYCLE, POLICY, NOTIFICATION, *PUSHED)
    takes = BucketArgs

    def __init__(self, declared: declarations.Bucket, deployment: Deployment) -> None:
        super().__init__(declared.name, BucketArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        self._arn = Arns(deployment.plan).of(declared)
        arguments = {"bucket": self.physical, "force_destroy": self.args.empty_on_removal}
        self.bucket = self.child(BUCKET, arguments, adopt=self.physical)
        self._keep_private()
        self._keep_tidy()
        self._tell(declared)
        self.done(name=self.physical, arn=self.arn)

    @property
    def arn(self) -> pulumi.Output[str]:
        """The bucket's ARN."""
        return self.bucket.arn

    def _keep_private(self) -> None:
        blocked = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        # A bucket that outlives its stage stays private.
        closed = {**dict.fromkeys(blocked, True), "skip_destroy": self.keeps_data}
        access = self.child(ACCESS, {"bucket": self.bucket.id, **closed})
        owned = {"object_ownership": "BucketOwnerEnforced"}
        ownership = self.child(OWNERSHIP, {"bucket": self.bucket.id, "rule": owned})
        encrypted = {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
        self.child(ENCRYPTION, {"bucket": self.bucket.id, "rules": [encrypted]})
        policy = document([refuse_unencrypted("s3:*", [self._arn, f"{self._arn}/*"])])
        # S3 refuses a policy that is put while one of these two is.
        self.child(POLICY, {"bucket": self.bucket.id, "policy": policy}, depends_on=[access, ownership])

    def _keep_tidy(self) -> None:
        before: list[pulumi.Resource] = []
        if self.args.versioned:
            kept = {"bucket": self.bucket.id, "versioning_configuration": {"status": "Enabled"}}
            before.append(self.child(VERSIONING, kept))
        unfinished = {
            "id": "unfinished-uploads",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abort_incomplete_multipart_upload": {"days_after_initiation": self.args.abort_uploads_after},
        }
        self.child(LIFECYCLE, {"bucket": self.bucket.id, "rules": [unfinished]}, depends_on=before)

    def _tell(self, declared: declarations.Bucket) -> None:
        """Open an inbox for each function that subscribes, and tell all of them by one notification.

        A bucket has one configuration of notifications, and two resources would overwrite each other's:
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html.
        """
        found = [s for s in self.deployment.plan.app.subscriptions if s.source is declared]
        inboxes: dict[str, Opened] = {}
        queues: list[dict[str, Any]] = []
        for subscription in found:
            function = subscription.target
            if isinstance(function, Function):
                if function.name not in inboxes:
                    inboxes[function.name] = self._inbox(declared, subscription, function)
                queues.append(_told(subscription, inboxes[function.name], len(queues)))
        if queues:  # S3 looks whether it may send before it takes the configuration
            policies = [inbox.policy for inbox in inboxes.values()]
            self.child(NOTIFICATION, {"bucket": self.bucket.id, "queues": queues}, depends_on=policies)

    def _inbox(self, declared: declarations.Bucket, subscription: Subscription, function: Function) -> Opened:
        plan = self.deployment.plan
        arn = Arns(plan).inbox(declared, function)
        send = allow_service("s3", ["sqs:SendMessage"], [arn], source=self._arn, account=plan.target.account)
        return open_inbox(
            self, declared, function, subscription=subscription, allowed=[send], of=known_as(self, function)
        )


def _told(subscription: Subscription, inbox: Opened, number: int) -> dict[str, Any]:
    return {
        "id": f"{subscription.target.name}-{number}",
        "queue_arn": inbox.arn,
        "events": _events(subscription.events),
        **({"filter_prefix": quote_plus(subscription.prefix, safe=_SAFE)} if subscription.prefix else {}),
        **({"filter_suffix": quote_plus(subscription.suffix, safe=_SAFE)} if subscription.suffix else {}),
    }


def _events(events: Sequence[str]) -> list[str]:
    return [EVENTS[event] for event in EVENTS if event in events]
