"""Cloud Tasks: queues of HTTP calls, each made until it succeeds or has been tried often enough.

- `POST …/queues/Q/tasks` takes a task, named or not; a name that was used in the last hour is refused (409), one that
  is too large (1 MB) too (400), and a queue that is not there is a 404.
  https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks/create
- It is called at `scheduleTime`, at most 30 days ahead, as often as `retryConfig` says: `maxAttempts` (100 where none
  is set, -1 without end), `maxRetryDuration`, and waits from `minBackoff` (0.1 s) to `maxBackoff` (3600 s) that double
  `maxDoublings` (16) times. https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues#RetryConfig
- `rateLimits`: `maxConcurrentDispatches` (1000) and `maxDispatchesPerSecond` (500).
  https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues#RateLimits
- 2xx within `dispatchDeadline` (10 minutes) is success. `X-CloudTasks-QueueName`, `-TaskName`, `-TaskRetryCount`,
  `-TaskExecutionCount` and `-TaskETA` tell of the task, and nobody else can set them.
  https://cloud.google.com/tasks/docs/creating-http-target-tasks#handler
- `oidcToken` is an identity token (its audience is the URL by default), `oauthToken` an access token, which only an
  address of `*.googleapis.com` gets.
  https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks#HttpRequest
- A call to Pub/Sub's `topics.publish` reaches Pub/Sub's part.
  https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/publish
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.emulators.gcp.calls import Answer, Request
from tests.emulators.gcp.dispatch.backoff import Backoff, seconds
from tests.emulators.gcp.dispatch.target import Caller, Headers
from tests.emulators.gcp.resources import Inputs, Resources

QUEUES = "queue"
"""The kind of deployed queues."""

LIMIT = 1_000_000
"""The most bytes of a task: https://cloud.google.com/tasks/docs/quotas."""

AHEAD = 30 * 24 * 3600
REMEMBERED = 3600.0
"""Seconds for which the name of a task cannot be used again."""

AGENT = "Google-Cloud-Tasks"
PUBSUB = r"https://(?:[a-z0-9-]+-)?pubsub\.googleapis\.com"
"""Where Pub/Sub is asked, in any region."""

Publish = Callable[[str, list[Any]], Awaitable[None]]
"""Publishes messages, as the REST API has them, to a topic."""

Published = Callable[["Task", bytes], Awaitable[bool | None]]

_CREATE = re.compile(r"/v2/(projects/[^/]+/locations/[^/]+/queues/[^/]+)/tasks")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,500}")


class RefusedError(Exception):
    """What the service refuses, with the HTTP status and Google's name for it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def answer(self) -> Answer:
        """Return it as the REST API answers it."""
        error = {"code": self.status, "message": str(self), "status": self.code}
        return Answer(self.status, json.dumps({"error": error}).encode(), ((b"content-type", b"application/json"),))


class Task:
    """A task that waits to be called."""

    def __init__(self, name: str, described: Mapping[str, Any]) -> None:
        self.name = name
        self.request: Mapping[str, Any] = described["httpRequest"]
        self.due = _epoch(described.get("scheduleTime")) or time.time()
        self.made = time.time()
        self.deadline = seconds(described.get("dispatchDeadline"), 600)
        self.tried = 0
        self.answered = 0


class Tasks:
    """The tasks of all queues; `pubsub` is the host and port of Pub/Sub's part, whose REST API this stands in for."""

    def __init__(self, resources: Resources, caller: Caller, publish: Publish, pubsub: str) -> None:
        self._topic = re.compile(rf"(?:{PUBSUB}|http://{re.escape(pubsub)})/v1/(projects/[^/]+/topics/[^/:]+):publish")
        self._caller = caller
        self._publish = publish
        self._names: dict[str, float] = {}
        self._queues: dict[str, Queue] = {}
        resources.watch(QUEUES, self._deployed)

    async def answer(self, request: Request) -> Answer | None:
        """Answer a request of the REST API; None where it is none."""
        match = _CREATE.fullmatch(request.path.decode("latin-1"))
        if match is None or request.method != "POST":
            return None
        try:
            made = self.create(match[1], request.body)
        except RefusedError as refused:
            return refused.answer()
        return Answer(200, json.dumps(made).encode(), ((b"content-type", b"application/json"),))

    def create(self, queue: str, body: bytes) -> Mapping[str, Any]:
        """Take a task, and return it as the API does."""
        if queue not in self._queues:
            raise RefusedError(404, "NOT_FOUND", "Queue does not exist.")
        described = self._described(body)
        name = self._named(queue, described)
        task = Task(name, described)
        self._queues[queue].add(task)
        created = {"createTime": _text(task.made), "scheduleTime": _text(task.due)}
        return {**described, "name": name, **created, "dispatchDeadline": f"{task.deadline:g}s", "view": "BASIC"}

    def stop(self) -> None:
        """Call nobody any more."""
        for queue in self._queues.values():
            queue.stop()

    def _described(self, body: bytes) -> dict[str, Any]:
        described = _read(body)
        request = described["httpRequest"]
        api = re.match(r"https://[^/]*googleapis\.com/", request["url"]) or self._topic.fullmatch(request["url"])
        if request.get("oauthToken") and not api:
            raise RefusedError(400, "INVALID_ARGUMENT", "OAuth tokens are only sent to *.googleapis.com")
        return described

    def _named(self, queue: str, described: Mapping[str, Any]) -> str:
        name = described.get("name") or f"{queue}/tasks/{secrets.randbelow(10**18):018}"
        parent, _, short = str(name).rpartition("/tasks/")
        if parent != queue or not _NAME.fullmatch(short):
            raise RefusedError(400, "INVALID_ARGUMENT", f"Task name must be formatted: {queue}/tasks/<TASK_ID>")
        now = time.time()
        self._names = {known: until for known, until in self._names.items() if until > now}
        if name in self._names:
            raise RefusedError(409, "ALREADY_EXISTS", "A task with this name existed lately.")
        self._names[name] = now + REMEMBERED
        return str(name)

    async def _published(self, task: Task, body: bytes) -> bool | None:
        """Publish what a task holds, if that is what it does: whether it went well, None where it does something else.

        Without the token that Pub/Sub asks for it is refused, as there.
        """
        topic = self._topic.fullmatch(str(task.request["url"]))
        if topic is None:
            return None
        if not task.request.get("oauthToken"):
            return False
        try:
            await self._publish(topic[1], json.loads(body)["messages"])
        except Exception:  # whatever is wrong with it, the service would answer with an error
            return False
        return True

    def _deployed(self, name: str, queue: Inputs | None) -> None:
        before = self._queues.pop(name, None)
        waiting = before.stop() if before else []
        if queue is not None:
            self._queues[name] = made = Queue(name, queue, self._caller, self._published)
            for task in waiting:
                made.add(task)


class Queue:
    """The tasks of one queue, each called in a task of the event loop."""

    def __init__(self, name: str, queue: Inputs, caller: Caller, published: Published) -> None:
        self._name = name
        self._caller = caller
        self._published = published
        limits: Inputs = queue.get("rateLimits") or {}
        self._slots = asyncio.Semaphore(int(limits.get("maxConcurrentDispatches") or 1000))
        self._gap = 1 / float(limits.get("maxDispatchesPerSecond") or 500)
        self._next = 0.0
        retry: Inputs = queue.get("retryConfig") or {}
        self._attempts = int(retry.get("maxAttempts") or 100)
        self._duration = seconds(retry.get("maxRetryDuration"), 0)
        doublings = retry.get("maxDoublings")
        least, most = seconds(retry.get("minBackoff"), 0.1), seconds(retry.get("maxBackoff"), 3600)
        self._backoff = Backoff(least, most, 16 if doublings is None else int(doublings))
        self._running: dict[asyncio.Task[None], Task] = {}

    def add(self, task: Task) -> None:
        """Call a task when it is due."""
        running = asyncio.ensure_future(self._run(task))
        self._running[running] = task
        running.add_done_callback(self._ended)

    def stop(self) -> list[Task]:
        """Call nobody any more, and return what was not done."""
        waiting = list(self._running.values())
        for running in self._running:
            running.cancel()
        return waiting

    def _ended(self, running: asyncio.Task[None]) -> None:
        task = self._running.pop(running)
        if not running.cancelled() and running.exception():
            self.add(task)  # who called it died: somebody else does

    async def _run(self, task: Task) -> None:
        while True:
            await asyncio.sleep(max(0, task.due - time.time()))
            async with self._slots:
                await self._turn()
                done = await self._call(task)
            task.tried += 1
            if done or self._spent(task):
                return
            task.due = time.time() + self._backoff.wait(task.tried)

    async def _turn(self) -> None:
        """Wait until the rate allows one more."""
        now = time.time()
        self._next = max(self._next + self._gap, now)
        await asyncio.sleep(self._next - now)

    def _spent(self, task: Task) -> bool:
        often = 0 <= self._attempts <= task.tried
        long = not self._duration or time.time() - task.made >= self._duration
        return often and long

    async def _call(self, task: Task) -> bool:
        url = str(task.request["url"])
        body = base64.b64decode(task.request.get("body", ""))
        published = await self._published(task, body)
        if published is not None:
            return published
        headers = [*_own(task), *self._headers(task), *self._caller.oidc(task.request.get("oidcToken"), url)]
        method = task.request.get("httpMethod") or "POST"
        answer = await self._caller.call(url, headers, body, task.deadline, method)
        task.answered += bool(answer.status)
        return 200 <= answer.status < 300

    def _headers(self, task: Task) -> Headers:
        place = f"{task.name.rpartition('/')[2]}"
        return [
            ("user-agent", AGENT),
            ("x-cloudtasks-queuename", self._name.rpartition("/")[2]),
            ("x-cloudtasks-taskname", place),
            ("x-cloudtasks-taskretrycount", str(task.tried)),
            ("x-cloudtasks-taskexecutioncount", str(task.answered)),
            ("x-cloudtasks-tasketa", f"{task.due:.6f}"),
        ]


def _own(task: Task) -> Headers:
    """Return the headers that the task has of its own; those that only Google sets are dropped."""
    given: Mapping[str, str] = task.request.get("headers") or {}
    taken = ("x-cloudtasks-", "x-google-", "x-appengine-", "host", "content-length", "user-agent")
    return [(name, value) for name, value in given.items() if not name.lower().startswith(taken)]


def _read(body: bytes) -> dict[str, Any]:
    try:
        task = dict(json.loads(body)["task"])
        url = str(task["httpRequest"]["url"])
        base64.b64decode(task["httpRequest"].get("body", ""), validate=True)
        ahead = _epoch(task.get("scheduleTime"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError(400, "INVALID_ARGUMENT", f"Invalid task: {error!r}") from None
    if len(json.dumps(task["httpRequest"])) > LIMIT * 4 // 3:
        raise RefusedError(400, "INVALID_ARGUMENT", "Task size too large")
    if not url.startswith(("http://", "https://")):
        raise RefusedError(400, "INVALID_ARGUMENT", "HttpRequest.url must start with http:// or https://")
    if ahead > time.time() + AHEAD:
        raise RefusedError(400, "INVALID_ARGUMENT", "The scheduleTime may not be more than 30 days ahead")
    return task


def _epoch(text: str | None) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else 0.0


def _text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
