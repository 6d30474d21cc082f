"""The front of Cloud Run: what reaches an instance, and what does not."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from isthmus.testing.waiting import wait_until
from tests.emulators.gcp.front import LIMIT
from tests.emulators.gcp.gate import REMOVED
from tests.emulators.gcp.sample.deployed import Sample, sample

__all__ = ["sample"]


def test_a_request_reaches_the_function_as_it_was_sent(sample: Sample) -> None:
    told = sample.ask("public", "/a//b/../%41?x=%20&y", method="PUT", body=b"\x00\xff", headers={"x-one": "1"}).json()
    headers = {name.lower(): value for name, value in told["headers"]}

    assert told["path"] == "/a//b/../A?x=%20&y"  # WSGI decodes the path, nobody else
    assert (told["method"], told["data"], headers["x-one"]) == ("PUT", "AP8=", "1")


def test_an_instance_is_told_who_asked_and_of_which_trace(sample: Sample) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    sent = {"traceparent": f"00-{trace}-b7ad6b7169203331-01", "x-forwarded-for": "192.0.2.1"}
    headers = {name.lower(): value for name, value in sample.ask("public", headers=sent).json()["headers"]}

    assert headers["x-forwarded-for"] == "192.0.2.1,127.0.0.1"
    assert headers["x-forwarded-proto"] == "https"
    assert headers["traceparent"].startswith(f"00-{trace}-")
    assert headers["x-cloud-trace-context"].startswith(f"{trace}/")


def test_an_unknown_function_is_not_found(sample: Sample) -> None:
    sample.outputs = {**sample.outputs, "none": f"{sample.google.origin}/{sample.google.project}/europe-west1/none"}

    assert sample.ask("none").status == 404


def test_an_instance_has_the_deployed_environment_and_the_platforms_and_no_other(sample: Sample) -> None:
    where = sample.ask("public", "/where").json()
    variables = where["variables"]

    assert variables["COLOUR"] == "red"
    assert (variables["K_SERVICE"], variables["FUNCTION_TARGET"]) == ("public", "handle")
    assert not {"VIRTUAL_ENV", "PYTHONPATH", "PYTEST_CURRENT_TEST", "GOOGLE_APPLICATION_CREDENTIALS"} & set(variables)


def test_an_instance_imports_from_the_framework_and_the_bundle_and_nowhere_else(sample: Sample) -> None:
    where = sample.ask("public", "/where").json()
    places = [place for place in where["path"] if "/lib/python3" not in place and not place.endswith(".zip")]

    assert places[-1] == where["cwd"]  # the bundle comes last
    assert "functions-framework" in places[0]
    assert len(places) == 2


def test_a_private_function_takes_no_request_without_a_token(sample: Sample) -> None:
    assert sample.ask("private").status == 403


@pytest.mark.parametrize("token", ["Bearer nonsense", "Basic abc", "Bearer "])
def test_a_private_function_takes_no_broken_token(sample: Sample, token: str) -> None:
    assert sample.ask("private", headers={"authorization": token}).status == 401


def test_a_private_function_takes_a_token_of_its_invoker_without_showing_its_signature(sample: Sample) -> None:
    private = sample.outputs["private"]
    told = sample.ask("public", f"/token?audience={private}").json()
    headers = {name.lower(): value for name, value in told["headers"]}

    assert headers["authorization"].endswith(f".{REMOVED}")


def test_a_token_for_another_audience_is_refused(sample: Sample) -> None:
    sample.ask("public", f"/token?audience={sample.outputs['public']}")  # it gets one for that
    answer = sample.ask("public", f"/token?audience={sample.outputs['private']}/other")

    assert answer.status == 500  # the function could not call it
    assert "401" in sample.log("public")


def test_a_function_whose_account_is_no_invoker_is_refused(sample: Sample) -> None:
    google = sample.google
    members = {name: one for name, one in (google.get("iam", "") or {}).items() if "sample-account" in one["member"]}
    for name in members:
        google.drop("iam", name)
    try:
        answer = sample.ask("public", f"/token?audience={sample.outputs['private']}")
    finally:
        for name, one in members.items():
            google.put("iam", name, one)

    assert answer.status == 500
    assert "403" in sample.log("public")


def test_a_request_that_lasts_too_long_is_answered_504_and_its_instance_goes_on(sample: Sample) -> None:
    started = time.monotonic()
    answer = sample.ask("public", "/slow?seconds=6")

    assert (answer.status, 4.9 < time.monotonic() - started < 6) == (504, True)
    wait_until(lambda: "SLEPT" in sample.log("public"), 10)


def test_no_more_requests_run_at_once_than_instances_and_their_concurrency_allow(sample: Sample) -> None:
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(sample.ask, ["public"] * 8, ["/slow?seconds=1"] * 8))
    processes = {answer.json()["pid"] for answer in answers if answer.status == 200}

    assert [answer.status for answer in answers] == [200] * 8  # 4 at once, the others wait
    assert len(processes) == 2


def test_what_waits_too_long_for_an_instance_is_answered_429(sample: Sample) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(sample.ask, ["public"] * 16, ["/slow?seconds=4"] * 16))

    assert {answer.status for answer in answers} == {200, 429}


def test_an_instance_that_dies_is_replaced(sample: Sample) -> None:
    before = sample.ask("public", "/where").json()["pid"]
    killed = sample.google.kill(sample.name("public"))
    after = sample.ask("public", "/where").json()["pid"]

    assert killed
    assert before != after


def test_a_worker_that_dies_is_an_error_to_whoever_waits_for_it(sample: Sample) -> None:
    assert sample.ask("public", "/die").status == 503


def test_more_than_32_mib_are_refused_on_the_way_in_and_out(sample: Sample) -> None:
    inside = sample.ask("public", method="POST", body=b"x" * (LIMIT + 1)).status
    outside = sample.ask("public", f"/large?bytes={LIMIT + 1}").status
    most = len(sample.ask("public", f"/large?bytes={LIMIT}").body)

    assert (inside, outside, most) == (413, 500, LIMIT)


def test_a_new_revision_takes_the_place_of_the_one_before(sample: Sample) -> None:
    google, name = sample.google, sample.name("public")
    deployed = google.get("function", name) or {}
    config = deployed["serviceConfig"]
    variables = {**config["environmentVariables"], "COLOUR": "blue"}
    google.put("function", name, {**deployed, "serviceConfig": {**config, "environmentVariables": variables}})
    changed = sample.ask("public", "/where").json()["variables"]
    google.put("function", name, deployed)

    assert changed["COLOUR"] == "blue"
    assert json.loads(sample.ask("public", "/where").body)["variables"]["COLOUR"] == "red"
