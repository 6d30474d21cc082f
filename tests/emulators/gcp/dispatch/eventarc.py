"""Eventarc's events of Firestore documents: each change that a trigger asks for is posted to its function.

- An event is a CloudEvent in binary mode, `application/protobuf`, with `ce-type`, `ce-source`, `ce-subject`, `ce-id`,
  `ce-time` and, for its filters, `ce-project`, `ce-location`, `ce-database`, `ce-namespace`, `ce-document`.
  https://cloud.google.com/eventarc/docs/cloudevents
  https://cloud.google.com/firestore/docs/extend-with-functions-2nd-gen
- An event of a type that ends in `.withAuthContext` tells in `ce-authtype` who did it: `system` is time to live.
  https://cloud.google.com/firestore/native/docs/extend-with-functions-2nd-gen#include_authentication_context_in_the_event
  https://firebase.google.com/docs/reference/functions/2nd-gen/node/firebase-functions.firestore#firestoreauthtype
- `matchingCriterias` must all hold: `type` (`…written` is any of the others), `database`, and `document`, whose
  pattern has `*`, `**` and `{name}` by `match-path-pattern`. https://cloud.google.com/eventarc/docs/path-patterns
- The token is that of the trigger's `serviceAccount`, for the address of the service.
  https://cloud.google.com/eventarc/docs/run/create-trigger
- 2xx acknowledges; all else is tried again for 24 hours, after waits from 10 s to 600 s, and so is what has not been
  answered in 10 s, which a trigger cannot change.
  https://cloud.google.com/eventarc/docs/retry-events
  https://github.com/hashicorp/terraform-provider-google/issues/17701
- Events may come in any order and more than once. https://cloud.google.com/firestore/docs/extend-with-functions-2nd-gen

Here the first wait is a second, so that tests can see the second attempt, and every client is a service account,
though an emulator is told nobody's name.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.emulators.gcp.dispatch.backoff import Backoff
from tests.emulators.gcp.dispatch.target import Caller, Headers
from tests.emulators.gcp.firestore.process import DocumentChange, Firestore
from tests.emulators.gcp.resources import Inputs, Resources

TRIGGERS = "trigger"
"""The kind of deployed triggers."""

TYPE = "google.cloud.firestore.document.v1."
WITH_CONTEXT = ".withAuthContext"
CLIENT, SYSTEM = "service_account", "system"
SCHEMA = "https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/firestore/v1/data.proto"
BACKOFF = Backoff(1.0, 600.0, 16)
LIFE = 24 * 3600.0
AT_ONCE = 20
"""So many events of a trigger are out at once."""

DEADLINE = 10.0
_WAIT = 20.0
_AGAIN = 0.5

Address = Callable[[str, str, str], str]
"""Returns the address of a service, by project, region and name."""


class Eventarc:
    """All triggers."""

    def __init__(self, resources: Resources, caller: Caller, firestore: Firestore, address: Address) -> None:
        self._caller = caller
        self._firestore = firestore
        self._address = address
        self._triggers: dict[str, Trigger] = {}
        resources.watch(TRIGGERS, self._deployed)

    def stop(self) -> None:
        """Deliver nothing more."""
        for trigger in self._triggers.values():
            trigger.stop()

    def _deployed(self, name: str, trigger: Inputs | None) -> None:
        before = self._triggers.pop(name, None)
        if before:
            before.stop()
        if trigger is not None:
            self._triggers[name] = Trigger(name, trigger, self._caller, self._firestore, self._url(name, trigger))

    def _url(self, name: str, trigger: Inputs) -> str:
        service: Inputs = trigger["destination"]["cloudRunService"]
        address = self._address(name.split("/")[1], str(service.get("region")), str(service["service"]))
        return address + str(service.get("path") or "/")


class Trigger:
    """One trigger; the part keeps each change until its event has been acknowledged."""

    def __init__(self, name: str, trigger: Inputs, caller: Caller, firestore: Firestore, url: str) -> None:
        self._name = name
        self._caller = caller
        self._firestore = firestore
        self._url = url
        self._location = str(trigger.get("location") or name.split("/")[3])
        self._account = str(trigger.get("serviceAccount") or "")
        criteria: Sequence[Inputs] = trigger.get("matchingCriterias") or ()
        self._wanted = {one["attribute"]: _Criterion(one) for one in criteria}
        self._tells_who = self._wanted["type"].value.endswith(WITH_CONTEXT)
        project = name.split("/")[1]
        self._database = f"projects/{project}/databases/{self._wanted['database'].value}"
        self._out: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._running = asyncio.ensure_future(self._read())

    def stop(self) -> None:
        """Deliver nothing more; what has not been acknowledged is forgotten with the trigger."""
        for running in (self._running, *self._out.values()):
            running.cancel()

    async def _read(self) -> None:
        """Take what has changed from the part, again and again."""
        while True:
            try:
                await asyncio.to_thread(self._firestore.subscribe, self._database, self._name)
                await self._follow()
            except Exception:  # the part is gone, or its database: it may come back
                await asyncio.sleep(_AGAIN)

    async def _follow(self) -> None:
        while True:
            changes = await asyncio.to_thread(
                self._firestore.changes, self._database, self._name, most=1000, wait=_WAIT if not self._out else 0.05
            )
            unwanted = [change for change in changes if not self._matches(change)]
            if unwanted:
                await asyncio.to_thread(self._firestore.acknowledge, self._database, self._name, unwanted)
            for change in changes:
                if change.id not in self._out and self._matches(change):
                    self._start(change)
            if self._out:
                await asyncio.sleep(0.02)

    def _matches(self, change: DocumentChange) -> bool:
        attributes = {
            "type": TYPE + change.kind + (WITH_CONTEXT if self._tells_who else ""),
            "database": change.database.rpartition("/")[2],
            "namespace": "(default)",
            "document": change.document,
        }
        return all(wanted.holds(attributes.get(name, "")) for name, wanted in self._wanted.items())

    def _start(self, change: DocumentChange) -> None:
        running = asyncio.ensure_future(self._deliver(change))
        self._out[change.id] = running
        running.add_done_callback(lambda _: self._out.pop(change.id, None))

    async def _deliver(self, change: DocumentChange) -> None:
        """Post an event until it is acknowledged or too old, then let the part forget it."""
        began, failures = time.monotonic(), 0
        while time.monotonic() - began < LIFE:
            async with self._slots:
                answer = await self._caller.call(self._url, self._headers(change), change.data, DEADLINE)
            if 200 <= answer.status < 300:
                break
            failures += 1
            await asyncio.sleep(BACKOFF.wait(failures))
        await asyncio.to_thread(self._firestore.acknowledge, self._database, self._name, [change])

    def _headers(self, change: DocumentChange) -> Headers:
        at = datetime.fromtimestamp(change.time / 1e6, UTC).isoformat().replace("+00:00", "Z")
        project, database = change.database.split("/")[1::2]
        told: Mapping[str, Any] = {
            "content-type": "application/protobuf",
            "ce-specversion": "1.0",
            "ce-id": change.id,
            "ce-source": f"//firestore.googleapis.com/{change.database}",
            "ce-type": str(self._wanted["type"].value),
            "ce-subject": f"documents/{change.document}",
            "ce-time": at,
            "ce-datacontenttype": "application/protobuf",
            "ce-dataschema": SCHEMA,
            "ce-project": project,
            "ce-location": self._location,
            "ce-database": database,
            "ce-namespace": "(default)",
            "ce-document": change.document,
        }
        if self._tells_who:
            told = {**told, "ce-authtype": SYSTEM if change.is_by_system else CLIENT}
        token = {"serviceAccountEmail": self._account, "audience": self._url.rstrip("/")} if self._account else None
        return [*told.items(), *self._caller.oidc(token, self._url)]


class _Criterion:
    """One of `matchingCriterias`."""

    def __init__(self, given: Inputs) -> None:
        self.value = str(given["value"])
        pattern = given.get("operator") == "match-path-pattern"
        self._pattern = re.compile(_expression(self.value)) if pattern else None

    def holds(self, value: str) -> bool:
        """Whether an attribute's value is one that is wanted."""
        if self._pattern:
            return bool(self._pattern.fullmatch(value))
        return value == self.value or (self.value.startswith(f"{TYPE}written") and value.startswith(TYPE))


def _expression(pattern: str) -> str:
    """Return a path pattern as a regular expression; `{name}` is any part, `{name=**}` any parts."""
    parts = re.split(r"(\*\*|\*|\{[^/{}]*\})", pattern)
    return "".join(_wild(part) if place % 2 else re.escape(part) for place, part in enumerate(parts))


def _wild(part: str) -> str:
    return ".*" if part == "**" or part.endswith("=**}") else "[^/]+"
