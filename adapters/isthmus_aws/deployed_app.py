"""A deployed app from outside: its declared resources by name, and what one may do with them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from isthmus.declarations.app import App
from isthmus.declarations.function import Function
from isthmus.declarations.options import did_you_mean
from isthmus.declarations.resource import Resource
from isthmus.declarations.schedule import Schedule
from isthmus.declarations.stream import Stream
from isthmus.declarations.target import Target
from isthmus.errors import InvalidValueError
from isthmus.identities import link_properties
from isthmus.links import Identity, Link
from isthmus.message import Message
from isthmus.wiring import deliveries, used_resources
from isthmus_aws import dead_letter_queue, names
from isthmus_aws.clients.asking import Asking
from isthmus_aws.clients.function import INBOX
from isthmus_aws.linked import factories
from isthmus_aws.replay import READ, SPARE, Replay
from isthmus_aws.services import Services
from isthmus_aws.signed_in import signed_in

VISITOR = "(from outside)"
"""What stands for a function's name in the identity of whoever is none."""


REACH = dead_letter_queue.LOOK
"""What a link must grant to be asked from outside."""


class DeployedApp:
    """`app` as it is deployed on `target`; the account and region are the environment's unless the target names them.

    `endpoint` stands in for AWS's own addresses.
    """

    def __init__(self, app: App, target: Target, *, endpoint: str = "") -> None:
        self.app = app
        self.target = signed_in(target, endpoint=endpoint)
        self.endpoint = endpoint
        self.services = self._services()
        self._clients: dict[str, Any] = {}

    def client(self, resource: Resource) -> Any:
        """Return a client of a resource, with all of its verbs."""
        if resource.name not in self._clients:
            factory = factories(self.services).get(resource.kind)
            if factory is None:
                raise InvalidValueError(
                    f"{resource.kind} {resource.name!r} is nothing that a function could be linked to"
                )
            self._clients[resource.name] = factory(self._link(resource))
        return self._clients[resource.name]

    def forget(self, resource: Resource) -> None:
        """Drop the client of a resource, with whatever it has cached."""
        self._clients.pop(resource.name, None)

    def tick(self, schedule: Schedule) -> None:
        """Send what the schedule sends to its function's inbox when it fires."""
        due = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        body = json.dumps({"schedule": schedule.name, "due": due, "payload": schedule.payload})
        inbox = names.inbox_name(self.app, self.target, schedule, schedule.function)
        self._asking(schedule).ask(REACH, "send_message", QueueUrl=self.services.queue_url(inbox), MessageBody=body)

    def replay(self, stream: Stream, function: str, since: float) -> None:
        """Deliver the kept records of a stream again to one of its functions."""
        readers = {
            subscription.target.name: subscription
            for subscription in self.app.subscriptions
            if subscription.source is stream
        }
        if function not in readers:
            raise InvalidValueError(
                f"stream {stream.name!r} delivers to no function {function!r}: {did_you_mean(function, list(readers))}"
            )
        reader = readers[function]
        links = Link("stream", stream.name, self.physical(stream), (READ,)), self._link(reader.target)
        attempts = reader.max_attempts + SPARE
        Replay(self.services, *links, batch_size=reader.batch, attempts=attempts).run(since)

    def dead_letters(self, source: Resource) -> list[Message]:
        """Return what could not be handled of a source, the oldest first."""
        asking = self._asking(source)
        found = [
            letter
            for queue in self._dead_letter_queues(source)
            for letter in dead_letter_queue.peek(asking, self.services.queue_url(queue), source.name)
        ]
        return sorted(found, key=lambda letter: letter.sent_at)

    def physical(self, resource: Resource) -> str:
        """Return the fixed name of a resource."""
        return names.physical_name(self.app, self.target, resource.kind, resource.name)

    def _dead_letter_queues(self, source: Resource) -> Sequence[str]:
        declared = getattr(source, "dead_letters", None)
        if isinstance(declared, Resource):
            used = any(resource is declared for resource in used_resources(self.app))
            return [self.physical(declared)] if used else []
        return [
            names.inbox_dead_letters_name(self.app, self.target, delivery.source, delivery.function)
            for delivery in deliveries(self.app)
            if delivery.source is source and isinstance(source, Schedule | Function)
        ]

    def _asking(self, resource: Resource) -> Asking:
        """Return what asks SQS for a resource: for its inbox, or for its dead letters."""
        return Asking(Link(resource.kind, resource.name, self.physical(resource), (REACH,)), self.services, "sqs")

    def _link(self, resource: Resource) -> Link:
        properties = dict(link_properties(resource))
        if isinstance(resource, Function):
            properties[INBOX] = names.inbox_name(self.app, self.target, resource, resource)
        return Link(resource.kind, resource.name, self.physical(resource), resource.verbs, properties)

    def _services(self) -> Services:
        target = self.target
        identity = Identity(
            app=self.app.name, stage=target.stage, provider=target.provider, function=VISITOR, account=target.account
        )
        return Services(identity, region=target.region, endpoint=self.endpoint)
