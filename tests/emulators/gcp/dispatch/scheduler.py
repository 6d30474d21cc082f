"""Cloud Scheduler: jobs that call an HTTP target at their times.

- A job has a cron line in a time zone, and calls its `httpTarget` with the method, headers and body that it names
  (POST and none where it names none). https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs
- `X-CloudScheduler`, `X-CloudScheduler-JobName` and `X-CloudScheduler-ScheduleTime` (RFC 3339) tell of the job, and
  nobody else can set them. https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs#HttpTarget
- 2xx within `attemptDeadline` (180 s) is success. A failed execution is tried `retryConfig.retryCount` (0) times more,
  after waits from `minBackoffDuration` (5 s) to `maxBackoffDuration` (1 h) that double `maxDoublings` (5) times.
  https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs#RetryConfig
- While an execution is not done, another does not begin. https://cloud.google.com/scheduler/docs/overview
- `POST …/jobs/J:run` lets it fire at once, paused or not.
  https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs/run

What fires at least every ten minutes fires sixty times as often here (`SCALE`): each minute becomes a second, so that
tests need not wait for drains. Jobs that fire less often keep their times.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim

from tests.emulators.gcp.calls import Answer, Request
from tests.emulators.gcp.dispatch.backoff import Backoff, seconds
from tests.emulators.gcp.dispatch.target import Caller, Headers
from tests.emulators.gcp.resources import Inputs, Resources

JOBS = "job"
"""The kind of deployed jobs."""

SCALE = 60.0
OFTEN = 600.0
"""Seconds between two firings of a job that is sped up, at most."""

AGENT = "Google-Cloud-Scheduler"
_RUN = re.compile(r"/v1/(projects/[^/]+/locations/[^/]+/jobs/[^/]+):run")


class Scheduler:
    """All jobs."""

    def __init__(self, resources: Resources, caller: Caller) -> None:
        self._caller = caller
        self._jobs: dict[str, Job] = {}
        resources.watch(JOBS, self._deployed)

    async def answer(self, request: Request) -> Answer | None:
        """Answer a request of the REST API; None where it is none."""
        match = _RUN.fullmatch(request.path.decode("latin-1"))
        if match is None or request.method != "POST":
            return None
        json_type = ((b"content-type", b"application/json"),)
        job = self._jobs.get(match[1])
        if job is None:
            error = {"code": 404, "message": "Job not found.", "status": "NOT_FOUND"}
            return Answer(404, json.dumps({"error": error}).encode(), json_type)
        job.fire()
        return Answer(200, json.dumps({"name": match[1]}).encode(), json_type)

    def stop(self) -> None:
        """Let nothing fire any more."""
        for job in self._jobs.values():
            job.stop()

    def _deployed(self, name: str, job: Inputs | None) -> None:
        before = self._jobs.pop(name, None)
        if before:
            before.stop()
        if job is not None:
            self._jobs[name] = Job(name, job, self._caller)


class Job:
    """One job, from its deployment on."""

    def __init__(self, name: str, job: Inputs, caller: Caller) -> None:
        self._name = name
        self._target: Inputs = job["httpTarget"]
        self._caller = caller
        self._line = str(job["schedule"])
        self._zone = ZoneInfo(job.get("timeZone") or "Etc/UTC")
        self._deadline = seconds(job.get("attemptDeadline"), 180)
        retry: Inputs = job.get("retryConfig") or {}
        self._retries = int(retry.get("retryCount") or 0)
        self._duration = seconds(retry.get("maxRetryDuration"), 0)
        least, most = seconds(retry.get("minBackoffDuration"), 5), seconds(retry.get("maxBackoffDuration"), 3600)
        doublings = retry.get("maxDoublings")
        self._backoff = Backoff(least, most, 5 if doublings is None else int(doublings))
        self._asked: asyncio.Queue[datetime] = asyncio.Queue()
        self._running = [asyncio.ensure_future(self._work())]
        if not job.get("paused"):
            self._running.append(asyncio.ensure_future(self._tick()))

    def fire(self) -> None:
        """Fire at once, or when the execution that is running is done."""
        self._asked.put_nowait(datetime.now(UTC))

    def stop(self) -> None:
        """Fire no more."""
        for running in self._running:
            running.cancel()

    async def _tick(self) -> None:
        """Fire at the times of the cron line."""
        while True:
            now = datetime.now(self._zone)
            first, second = _next_two(self._line, now)
            gap = (second - first).total_seconds()
            if gap <= OFTEN:
                await asyncio.sleep(gap / SCALE)
                first = datetime.now(self._zone)
            else:
                await asyncio.sleep((first - now).total_seconds())
            if self._asked.empty():
                self._asked.put_nowait(first.astimezone(UTC))

    async def _work(self) -> None:
        while True:
            await self._execute(await self._asked.get())

    async def _execute(self, due: datetime) -> None:
        """Call the target until it succeeds or has been tried often enough."""
        started = time.monotonic()
        for failures in range(1, self._retries + 2):
            if await self._call(due):
                return
            if failures > self._retries or 0 < self._duration <= time.monotonic() - started:
                return
            await asyncio.sleep(self._backoff.wait(failures))

    async def _call(self, due: datetime) -> bool:
        url = str(self._target["uri"])
        body = base64.b64decode(self._target.get("body") or "")
        headers = [*_own(self._target), *self._headers(due), *self._caller.oidc(self._target.get("oidcToken"), url)]
        method = self._target.get("httpMethod") or "POST"
        answer = await self._caller.call(url, headers, body, self._deadline, method)
        return 200 <= answer.status < 300

    def _headers(self, due: datetime) -> Headers:
        return [
            ("user-agent", AGENT),
            ("x-cloudscheduler", "true"),
            ("x-cloudscheduler-jobname", self._name.rpartition("/")[2]),
            ("x-cloudscheduler-scheduletime", due.isoformat().replace("+00:00", "Z")),
        ]


def _next_two(line: str, after: datetime) -> tuple[datetime, datetime]:
    times: Any = CronSim(line, after)
    first: datetime = next(times)
    return first, next(times, first + timedelta(days=1))


def _own(target: Inputs) -> Headers:
    """Return the headers that the job has of its own; those that only Google sets are dropped."""
    given: Mapping[str, str] = target.get("headers") or {}
    taken = ("x-cloudscheduler", "x-google-", "x-appengine-", "host", "content-length", "user-agent")
    return [(name, value) for name, value in given.items() if not name.lower().startswith(taken)]
