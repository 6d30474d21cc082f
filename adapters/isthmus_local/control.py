"""The door for the commands that act on a running app, such as `isthmus send`: JSON, over the app's own server.

Only who can read the state directory has the token, so nobody else of this machine comes in; and no page in a browser
does, whatever its origin. The gateway has checked the Host.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import partial
from typing import Any, TypeAlias, TypeVar

from isthmus.declarations.function import Function
from isthmus.declarations.options import did_you_mean
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.schedule import Schedule
from isthmus.declarations.stream import Stream
from isthmus.declarations.topic import Topic
from isthmus.declarations.workflow import Workflow
from isthmus.envelope import outgoing
from isthmus.errors import (
    BadRequestError,
    ForbiddenError,
    HttpError,
    InvalidValueError,
    IsthmusError,
    MethodNotAllowedError,
    PayloadTooLargeError,
    UnauthorizedError,
    UnsupportedMediaTypeError,
)
from isthmus.outgoing import check_order, prepare
from isthmus.payload import JSON
from isthmus.shapes import is_mapping
from isthmus_local import wire_errors
from isthmus_local.buried import dead_letter_queues
from isthmus_local.clients.asking import RESERVED
from isthmus_local.control_workflows import WorkflowActions
from isthmus_local.runtime import Runtime
from isthmus_local.store import logs, queues, schedules
from isthmus_local.store.queues import StoredMessage

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Question: TypeAlias = Mapping[str, Any]
R = TypeVar("R", bound=Resource)

PATH = "/_isthmus/control"
"""Where the gateway lets the commands in."""

BODY_LIMIT = 6 * 1024 * 1024
"""The most bytes of a question: those of a payload that is waited for."""

MOST = 1000
"""How many dead letters are shown, the oldest first."""


class Control:
    """Does what the commands ask of `runtime`; `token` is what they must know."""

    def __init__(self, runtime: Runtime, token: str) -> None:
        self._runtime = runtime
        self._token = token.encode()
        self._actions: Mapping[str, Callable[[str, Question], Awaitable[Any]]] = {
            "invoke": self._invoke,
            "send": self._send,
            "publish": self._publish,
            "tick": self._tick,
            "replay": self._replay,
            "dead_letters": self._dead_letters,
            **WorkflowActions(runtime, partial(self._declared, Workflow)).actions,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one question: `{"result": …}`, or an error as `wire_errors` writes it."""
        try:
            self._admit(scope)
            status, answer = 200, {"result": await self._act(_question(await _body(receive)))}
        except HttpError as error:
            status, answer = error.status, _told(error)
        except IsthmusError as error:
            status, answer = 422, _told(error)
        body = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _admit(self, scope: Scope) -> None:
        """Refuse whoever is not one of the commands; before the token is right nothing else is told."""
        given: dict[bytes, bytes] = dict(scope["headers"])
        if b"origin" in given:
            raise ForbiddenError("no page may use this address")
        if not hmac.compare_digest(given.get(b"authorization", b""), b"Bearer " + self._token):
            raise UnauthorizedError("this address is for the command isthmus")
        if scope["method"] != "POST" or scope["raw_path"] != PATH.encode():
            raise MethodNotAllowedError(("POST",))
        if given.get(b"content-type") != b"application/json":
            raise UnsupportedMediaTypeError("a question is application/json")

    async def _act(self, question: Question) -> Any:
        action, name = self._actions.get(str(question.get("action"))), question.get("name")
        if action is None or not isinstance(name, str):
            raise BadRequestError(f"a question has a name and one of the actions {', '.join(self._actions)}")
        return await action(name, question)

    # the actions

    async def _invoke(self, name: str, question: Question) -> Any:
        function = self._declared(Function, name)
        triggers = self._runtime.plan.identities[function.name].triggers
        if "task" not in triggers:
            raise InvalidValueError(
                f"function {name!r} takes events of {', '.join(sorted(triggers))}, not a payload: cause such an event, "
                "or link the function to another one, which may then invoke it"
            )
        return await self._perform("function.invoke", name, question.get("payload"), outgoing(None, JSON))

    async def _send(self, name: str, question: Question) -> Any:
        queue, group = self._declared(Queue, name), question.get("group")
        check_order(name, fifo=queue.fifo, delay=None, group=group, deduplicate=None)
        data, _, carried = prepare(question.get("body"), _attributes(question), reserved=RESERVED)
        return await self._perform("queue.send", name, data, carried, None, group, None)

    async def _publish(self, name: str, question: Question) -> Any:
        self._declared(Topic, name)
        message = prepare(question.get("body"), _attributes(question), numbers=True, reserved=RESERVED)
        return await self._perform("topic.publish", name, *message)

    async def _tick(self, name: str, _: Question) -> Any:
        return await self._runtime.do(schedules.fire, self._declared(Schedule, name))

    async def _replay(self, name: str, question: Question) -> None:
        stream, since = self._declared(Stream, name), question.get("since")
        readers = [
            subscription.target.name
            for subscription in self._runtime.plan.app.subscriptions
            if subscription.source is stream
        ]
        if question.get("function") not in readers:
            asked = str(question.get("function"))
            raise InvalidValueError(f"function {asked!r} does not read stream {name!r}: {did_you_mean(asked, readers)}")
        if not isinstance(since, (int, float)):
            raise BadRequestError("since is the second from which on records are delivered again")
        await self._runtime.do(partial(logs.seek, since=since), name, question["function"])

    async def _dead_letters(self, name: str, _: Question) -> list[dict[str, Any]]:
        names = dead_letter_queues(self._declared(Resource, name))
        if not names:
            raise InvalidValueError(f"{name!r} delivers nothing, so it has no dead letters")
        found = [await self._runtime.do(queues.peek, queue, MOST) for queue in names]
        return [_shown(letter) for letters in found for letter in letters]

    async def _perform(self, op: str, resource: str, *args: Any) -> Any:
        return await self._runtime.operations.perform(op, resource, args)

    def _declared(self, kind: type[R], name: str) -> R:
        known = {name: found for name, found in self._runtime.resources.items() if isinstance(found, kind)}
        if name not in known:
            what = getattr(kind, "kind", "") or "resource"
            raise InvalidValueError(f"the running app has no {what} {name!r}: {did_you_mean(name, known)}")
        return known[name]


async def _body(receive: Receive) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False) and message["type"] == "http.request"
        if len(body) > BODY_LIMIT:
            raise PayloadTooLargeError(f"a payload is at most {BODY_LIMIT:,} bytes")
    return bytes(body)


def _question(body: bytes) -> Question:
    try:
        question = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequestError("the question is not JSON") from error
    if not is_mapping(question):
        raise BadRequestError("a question is a JSON object")
    return question


def _attributes(question: Question) -> Mapping[str, Any]:
    attributes = question.get("attributes")
    if attributes is None:
        return {}
    if not is_mapping(attributes):
        raise BadRequestError("attributes are a JSON object")
    return attributes


def _shown(stored: StoredMessage) -> dict[str, Any]:
    return {
        "id": str(stored.id),
        "body": b64encode(stored.body).decode(),
        "attributes": stored.attributes,
        "attempts": stored.attempts,
        "sent": stored.sent,
        "group": stored.group,
    }


def _told(error: IsthmusError) -> dict[str, Any]:
    name, text, _ = wire_errors.encode(error)
    return {"error": name, "message": text}
