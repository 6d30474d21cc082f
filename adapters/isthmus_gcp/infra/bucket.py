"""A bucket on Cloud Storage: private, and one notification of all that happens in it to a topic of its own.

https://cloud.google.com/storage/docs/pubsub-notifications
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pulumi_gcp import pubsub, storage

from isthmus.components.arguments import Bounds, ComponentArgs, settled
from isthmus.components.component import Node
from isthmus.declarations import bucket as declarations
from isthmus.declarations.function import Function
from isthmus.declarations.subscription import Subscription
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_gcp.infra import subscriber
from isthmus_gcp.infra.account import account
from isthmus_gcp.infra.agents import storage_agent
from isthmus_gcp.infra.completed import dead_letters_of
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.known_as import known_as, known_name
from isthmus_gcp.infra.roster import linked
from isthmus_gcp.infra.subscriber import Delivery, subscribe
from isthmus_gcp.infra.topics import PUBLISHER, let, make_topic
from isthmus_gcp.infra.ways import ways_of
from isthmus_gcp.rules.object_filter import event_types, expression

BUCKET = Node("bucket", storage.Bucket, holds_data=True)
ACCESS = Node("access", storage.BucketIAMMember)
EVENTS = Node("events", pubsub.Topic, holds_data=True)
NOTIFICATION = Node("notification", storage.Notification)

ROLES = {"read": "roles/storage.objectViewer", "write": "roles/storage.legacyBucketWriter"}
"""The second creates, replaces, deletes and lists, and reads no object, unlike `storage.objectUser`.

https://cloud.google.com/storage/docs/access-control/iam-roles
"""


@dataclass(frozen=True, kw_only=True)
class BucketArgs(ComponentArgs):
    """A bucket on Cloud Storage, besides what its declaration says.

    `empty_on_removal` deletes the objects with the bucket: it is on where the stage keeps nothing. What is deleted can
    be had back for `soft_delete` days. What was uploaded in parts and never finished goes after `abort_uploads_after`
    days. `location` is the region's, unless this names another.
    """

    # https://cloud.google.com/storage/docs/soft-delete
    bounds: ClassVar[Bounds] = {"abort_uploads_after": (1, None), "soft_delete": (0, 90)}

    versioned: bool = False
    empty_on_removal: bool = False
    abort_uploads_after: int = 7
    soft_delete: int = 7
    location: str = ""

    @classmethod
    def of(cls, declared: declarations.Bucket, plan: Plan) -> BucketArgs:
        """Return the arguments of a declared bucket, after the transforms."""
        removed = plan.app.removal == "remove"
        values = {"versioned": declared.versioned, "empty_on_removal": removed, "soft_delete": 0 if removed else 7}
        return settled(cls, declared, plan, values)


class Bucket(GoogleComponent[BucketArgs]):
    """A bucket that only the app's functions reach; each one's subscription to its events is a child."""

    token = "isthmus:gcp:Bucket"
    children = (BUCKET, ACCESS, EVENTS, NOTIFICATION, PUBLISHER, *subscriber.CHILDREN)
    takes = BucketArgs

    def __init__(self, declared: declarations.Bucket, deployment: Deployment) -> None:
        super().__init__(declared.name, BucketArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        self.bucket = self._bucket()
        for name, verbs in linked(deployment, declared):
            self._grant(name, verbs)
        found = [s for s in deployment.plan.app.subscriptions if s.source is declared]
        if found:
            self._tell(declared, found)
        self.done(name=self.physical)

    def _bucket(self) -> storage.Bucket:
        args = self.args
        unfinished = {
            "action": {"type": "AbortIncompleteMultipartUpload"},
            "condition": {"age": args.abort_uploads_after},
        }
        arguments = {
            "project": self.project,
            "name": self.physical,
            "location": (args.location or self.region).upper(),
            "uniform_bucket_level_access": True,
            "public_access_prevention": "enforced",
            "force_destroy": args.empty_on_removal,
            "versioning": {"enabled": args.versioned},
            "soft_delete_policy": {"retention_duration_seconds": args.soft_delete * 24 * 3600},
            "lifecycle_rules": [unfinished],
        }
        return self.child(BUCKET, arguments, adopt=self.physical)

    def _grant(self, function: str, verbs: Sequence[str]) -> None:
        known = account(self.deployment, function)
        for verb in verbs:
            arguments = {"bucket": self.bucket.name, "role": ROLES[verb], "member": known.member}
            self.child(ACCESS, arguments, of=f"{known_name(self, function)}-{verb}", depends_on=[known.account])

    def _tell(self, declared: declarations.Bucket, found: Sequence[Subscription]) -> None:
        topic = make_topic(self, f"{self.physical}-events", node=EVENTS)
        admitted = let(self, topic, storage_agent(self.deployment), of="storage", depends_on=[])
        arguments = {
            "bucket": self.bucket.name,
            "topic": topic.id,
            "payload_format": "JSON_API_V1",
            "event_types": event_types(found, versioned=self.args.versioned),
        }
        self.child(NOTIFICATION, arguments, depends_on=[admitted])
        for function in {s.target.name: s.target for s in found}.values():
            if isinstance(function, Function):
                self._deliver(declared, [s for s in found if s.target is function], function, topic)

    def _deliver(
        self, declared: declarations.Bucket, found: Sequence[Subscription], function: Function, topic: pubsub.Topic
    ) -> None:
        plan = self.deployment.plan
        dead_letters = dead_letters_of(plan, declared)
        everything = [s for s in plan.app.subscriptions if s.source is declared]
        told = event_types(everything, versioned=self.args.versioned)
        delivery = Delivery(
            attempts=found[0].max_attempts,
            filter=expression(found, told, versioned=self.args.versioned),
            dead_letters=self.deployment.component(dead_letters).topic if dead_letters is not None else None,
        )
        way = next(way for way in ways_of(plan, function) if way.source is declared)
        subscribe(self, topic, way, self.deployment.component(function), delivery, of=known_as(self, function))
