"""Cloud Scheduler, over the sample: each fact that `dispatch.scheduler` stands for."""

from __future__ import annotations

import json
import time
import uuid
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.emulators.gcp.sample.deployed import Sample, sample

__all__ = ["sample"]


@pytest.fixture
def case() -> str:
    return uuid.uuid4().hex


def run(sample: Sample, job: str) -> int:
    """Let a job fire, and return the status of the API's answer."""
    connection = HTTPConnection(sample.google.address, timeout=20)
    try:
        path = f"/v1/projects/{sample.google.project}/locations/{sample.google.region}/jobs/{job}:run"
        connection.request("POST", path, "{}")
        return connection.getresponse().status
    finally:
        connection.close()


def put(sample: Sample, name: str, body: str, **job: Any) -> None:
    """Deploy a job that calls the public function."""
    google = sample.google
    target = {"uri": sample.outputs["public"], "body": b64encode(body.encode()).decode(), **job.pop("target", {})}
    path = f"projects/{google.project}/locations/{google.region}/jobs/{name}"
    google.put("job", path, {"schedule": "0 4 1 1 *", "httpTarget": target, **job})


def test_a_job_that_is_run_calls_its_target_with_its_own_headers_and_body(sample: Sample) -> None:
    before = len(sample.told("private", "yearly"))
    status = run(sample, "yearly")
    told = sample.eventually("private", "yearly", before + 1)[-1]
    at = datetime.fromisoformat(told.headers["x-cloudscheduler-scheduletime"].replace("Z", "+00:00"))

    assert status == 200
    assert told.json == {"tick": "yearly"}
    assert (told.headers["x-cloudscheduler"], told.headers["x-cloudscheduler-jobname"]) == ("true", "yearly")
    assert told.headers["user-agent"] == "Google-Cloud-Scheduler"
    assert abs(at.timestamp() - time.time()) < 20


def test_a_job_of_every_minute_fires_about_each_second(sample: Sample) -> None:
    before = len(sample.told("private", '{"tick": "often"}'))
    started = time.time()
    sample.eventually("private", '{"tick": "often"}', before + 3)

    assert time.time() - started < 6


def test_a_job_of_each_year_does_not_fire_by_itself(sample: Sample, case: str) -> None:
    put(sample, case, case)
    time.sleep(1.5)

    assert sample.told("public", case) == []


def test_a_job_that_is_not_there_is_not_found(sample: Sample) -> None:
    assert run(sample, "none") == 404


def test_a_failed_execution_is_tried_again_as_often_as_the_job_says(sample: Sample, case: str) -> None:
    body = json.dumps({"message": {"data": b64encode(f"poison {case}".encode()).decode()}})
    retry = {"retryCount": 2, "minBackoffDuration": "0.2s", "maxBackoffDuration": "1s"}
    put(sample, case, body, retryConfig=retry)
    run(sample, case)
    found = sample.eventually("public", case, 3)
    time.sleep(1.2)

    assert len(sample.told("public", case)) == 3
    assert found[1].at - found[0].at >= 0.19
    assert found[2].at - found[1].at >= 0.39


def test_without_retries_a_failed_execution_is_over(sample: Sample, case: str) -> None:
    body = json.dumps({"message": {"data": b64encode(f"poison {case}".encode()).decode()}})
    put(sample, case, body)
    run(sample, case)
    sample.eventually("public", case)
    time.sleep(1)

    assert len(sample.told("public", case)) == 1


def test_an_execution_waits_for_the_one_before(sample: Sample, case: str) -> None:
    put(sample, case, case, target={"uri": f"{sample.outputs['public']}/slow?seconds=1"})
    put(sample, f"{case}-after", case)
    run(sample, case)
    slept = sample.log("public").count("SLEPT")
    run(sample, case)
    time.sleep(1.6)

    assert sample.log("public").count("SLEPT") - slept == 1


@pytest.mark.parametrize(("paused", "fired"), [(True, False), (False, True)])
def test_a_paused_job_fires_only_by_hand(sample: Sample, case: str, paused: bool, fired: bool) -> None:
    put(sample, case, case, schedule="* * * * *", paused=paused)
    time.sleep(2.5)
    by_itself = bool(sample.told("public", case))
    run(sample, case)
    sample.eventually("public", case)
    _drop(sample, case)

    assert by_itself == fired


def _drop(sample: Sample, name: str) -> Mapping[str, Any] | bool:
    google = sample.google
    return google.drop("job", f"projects/{google.project}/locations/{google.region}/jobs/{name}")
