"""A function: its account, its code, its service, its variables, and how many of it there are."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.gcp.infra.apps import contract, orders
from tests.gcp.infra.deploying import deployed, refused
from tests.gcp.infra.mocks import ACCOUNT, REGION, Bundle, Deployed
from tests.gcp.infra.shops import HANDLERS, address, email, follows, identity, service, shop, variables


def function(**options: Any) -> Deployed:
    return deployed(shop(lambda app: app.function("Pack", f"{HANDLERS}.anything", **options)))


def queued(**options: Any) -> Deployed:
    def declare(app: App) -> None:
        app.queue("Work", visibility_timeout=3600).subscribe(f"{HANDLERS}.message", name="Pack", **options)

    return deployed(shop(declare))


def test_a_function_runs_by_an_account_of_its_own_that_is_made_before() -> None:
    found = function()

    assert service(found, "Pack")["serviceAccountEmail"] == email(found, "Pack")
    assert variables(found, "Pack")["ISTHMUS_ACCOUNT"] == email(found, "Pack")
    assert follows(found, "Pack-function", "Pack-account")


def test_its_code_is_an_object_that_is_named_by_its_digest() -> None:
    found = deployed(
        shop(lambda app: app.function("Pack", f"{HANDLERS}.anything")), prepared={"Pack": Bundle(digest="cd" * 32)}
    )
    code, made = found.named("Pack-code").inputs, found.named("Pack-function").inputs

    assert code["name"] == f"{made['name']}/{'cd' * 32}.zip"
    assert made["buildConfig"]["source"]["storageSource"] == {"bucket": code["bucket"], "object": code["name"]}
    assert made["buildConfig"]["entryPoint"] == "handle"


def test_the_bucket_of_the_code_is_private_and_the_apps_own() -> None:
    (bucket,) = [one for one in orders().of("bucket:Bucket") if one.name == "orders-source-bucket"]

    assert re.fullmatch("orders-dev-code-[0-9a-f]{8}", bucket.inputs["name"])
    assert bucket.inputs["publicAccessPrevention"] == "enforced"
    assert bucket.inputs["uniformBucketLevelAccess"] is True


def test_what_is_declared_of_memory_and_time_is_deployed_and_the_service_waits_a_little_longer() -> None:
    config = service(function(memory=1024, timeout=40.5, min_instances=2), "Pack")

    assert (config["availableMemory"], config["timeoutSeconds"], config["minInstanceCount"]) == ("1024Mi", 43, 2)


def test_no_service_waits_longer_than_cloud_run_allows() -> None:
    assert service(queued(timeout=3600), "Pack")["timeoutSeconds"] == 3600


@pytest.mark.parametrize(("memory", "processors"), [(128, "1"), (4096, "1"), (4097, "2"), (16_384, "4"), (32_768, "8")])
def test_a_function_has_as_many_processors_as_its_memory_takes(memory: int, processors: str) -> None:
    assert service(function(memory=memory), "Pack")["availableCpu"] == processors


def test_the_runtime_is_that_of_the_interpreter_that_deploys(monkeypatch: pytest.MonkeyPatch) -> None:
    assert function().named("Pack-function").inputs["buildConfig"]["runtime"] in {
        "python311",
        "python312",
        "python313",
        "python314",
    }


@pytest.mark.parametrize("runtime", ["python310", "python315", "python3.11", "nodejs22", ""])
def test_a_runtime_that_the_core_does_not_run_on_is_refused(runtime: str) -> None:
    told = refused(shop(lambda app: app.function("Pack", f"{HANDLERS}.anything", transform={"runtime": runtime})))

    assert f"cannot run on {runtime!r}" in told


@pytest.mark.parametrize(
    ("declared", "at_once", "instances"),
    [
        ({}, 8, 100),
        ({"concurrency": 1}, 1, 1),
        ({"concurrency": 3}, 3, 1),
        ({"concurrency": 11}, 1, 11),
        ({"concurrency": 24}, 8, 3),
        ({"serial": True}, 1, 100),
        ({"serial": True, "concurrency": 4}, 1, 4),
        ({"transform": {"instance_concurrency": 40}}, 40, 100),
        ({"concurrency": 100, "transform": {"instance_concurrency": 40}}, 40, 2),
        ({"concurrency": 2, "transform": {"instance_concurrency": 40}}, 2, 1),
        ({"transform": {"max_instances": 7}}, 8, 7),
        ({"min_instances": 101}, 8, 101),
    ],
)
def test_threads_and_instances_together_keep_to_the_declared_concurrency(
    declared: dict[str, Any], at_once: int, instances: int
) -> None:
    found = function(**declared)
    config = service(found, "Pack")

    assert config["maxInstanceRequestConcurrency"] == at_once
    assert variables(found, "Pack")["THREADS"] == str(at_once)
    assert config["maxInstanceCount"] == instances


@pytest.mark.parametrize(
    "declared",
    [
        {"transform": {"max_instances": 1, "min_instances": 2}},
        {"concurrency": 8, "min_instances": 2},  # one instance of eight threads
    ],
)
def test_more_warm_instances_than_there_may_be_are_refused(declared: dict[str, Any]) -> None:
    told = refused(shop(lambda app: app.function("Pack", f"{HANDLERS}.anything", **declared)))

    assert "keeps 2 instances warm" in told


@pytest.mark.parametrize(
    ("transform", "fault"),
    [
        ({"cpu": "3"}, "cannot have '3' processors"),
        ({"cpu": "0.01", "instance_concurrency": 1}, "cannot have '0.01' processors"),
        ({"cpu": "lots"}, "cannot have 'lots' processors"),
        ({"cpu": "0.5"}, "give instance_concurrency=1, or cpu='1'"),
        ({"cpu": "0.5", "instance_concurrency": 1, "memory": 2048}, "takes 128 to 1,024"),
        ({"cpu": "1", "memory": 8192}, "takes 128 to 4,096"),
        ({"cpu": "8", "memory": 512}, "takes 4,096 to 32,768"),
    ],
)
def test_processors_that_cloud_run_does_not_have_or_not_with_so_much_memory_are_refused(
    transform: dict[str, Any], fault: str
) -> None:
    assert fault in refused(shop(lambda app: app.function("Pack", f"{HANDLERS}.anything", transform=transform)))


@pytest.mark.parametrize("cpu", ["0.5", ".25", "2", "6"])
def test_processors_that_cloud_run_has_are_deployed(cpu: str) -> None:
    memory = 4096 if cpu == "6" else 512
    transform = {"cpu": cpu, "instance_concurrency": 1, "memory": memory}

    assert service(function(transform=transform), "Pack")["availableCpu"] == cpu


@pytest.mark.parametrize(
    ("transform", "fault"),
    [
        ({"memory": 64}, "128 at least"),
        ({"memory": 40_000}, "32,768 at most"),
        ({"timeout": 3601}, "3,600 at most"),
        ({"instance_concurrency": 1001}, "1,000 at most"),
        ({"ingress": "EVERYBODY"}, "ingress"),
        ({"environment": {"PORT": "1"}}, "'PORT' is set by Isthmus or the provider"),
        ({"memory": "lots"}, "memory"),
        ({"nodes": {"function": {"colour": 1}}}, "takes no 'colour'"),
        ({"nodes": {"fnction": {}}}, "there is no role 'fnction'"),
    ],
)
def test_a_transform_that_makes_no_sense_is_refused(transform: dict[str, Any], fault: str) -> None:
    assert fault in refused(shop(lambda app: app.function("Pack", f"{HANDLERS}.anything", transform=transform)))


def test_every_raw_argument_can_be_reached() -> None:
    transform = {
        "nodes": {"function": {"service_config": {"vpc_connector": "mine"}}, "account": {"description": "packs"}},
        "ingress": "ALLOW_INTERNAL_ONLY",
    }
    found = function(transform=transform)

    assert service(found, "Pack")["vpcConnector"] == "mine"
    assert service(found, "Pack")["ingressSettings"] == "ALLOW_INTERNAL_ONLY"
    assert found.named("Pack-account").inputs["description"] == "packs"


def test_a_connector_is_used_for_what_it_is_asked_for() -> None:
    found = function(transform={"vpc_connector": "projects/p/locations/r/connectors/c", "vpc_egress": "ALL_TRAFFIC"})

    assert service(found, "Pack")["vpcConnectorEgressSettings"] == "ALL_TRAFFIC"
    assert "vpcConnector" not in service(function(), "Pack")


def test_a_function_is_labelled_as_google_takes_it() -> None:
    labels = function(tags={"Cost-Centre": "R&D"}).named("Pack-function").inputs["labels"]

    assert labels == {"isthmus-app": "shop", "isthmus-stage": "dev", "team": "shop", "cost-centre": "r-d"}


def test_the_app_the_project_and_the_region_are_in_its_identity() -> None:
    found = identity(function(), "Pack")

    assert (found["provider"], found["account"], found["region"]) == ("gcp", ACCOUNT, REGION)


def test_a_function_that_is_a_route_and_a_subscriber_is_deployed_as_both() -> None:
    def declare(app: App) -> None:
        both = app.function("Both", f"{HANDLERS}.anything")
        app.api("Api").route("GET /both", both)
        app.queue("Work").subscribe(both)

    found = deployed(shop(declare))

    assert identity(found, "Both")["triggers"] == ["queue"]
    assert identity(found, "Api-all")["triggers"] == ["http"]
    assert "sources" not in identity(found, "Api-all")


def test_a_function_of_an_api_alone_is_not_deployed_by_itself() -> None:
    assert [one.name for one in orders().of("cloudfunctionsv2/function:Function") if "Orders" in one.name] == []


def test_what_is_drained_runs_one_at_a_time_in_as_many_instances_as_are_asked_for() -> None:
    config = service(orders(), "InventoryReserve")

    assert (config["maxInstanceRequestConcurrency"], config["maxInstanceCount"]) == (1, 10)
    assert variables(orders(), "InventoryReserve")["ISTHMUS_DRAINS"].startswith(
        f"projects/{ACCOUNT}/locations/{REGION}"
    )


def test_one_drain_at_a_time_starts_no_other() -> None:
    found = queued(batch_size=10, max_concurrency=1)

    assert service(found, "Pack")["maxInstanceCount"] == 1
    assert "ISTHMUS_DRAINS" not in variables(found, "Pack")
    assert found.of("cloudtasks/queue:Queue") == []


def test_a_drain_is_started_by_the_minute_and_known_by_its_header() -> None:
    job = orders().named("InventoryReserve-drain").inputs

    assert (job["schedule"], job["retryConfig"]) == ("*/1 * * * *", {"retryCount": 0})
    assert job["httpTarget"]["headers"]["Isthmus-Drain"] == "1"
    assert job["httpTarget"]["uri"] == address(orders(), "InventoryReserve")
    assert job["httpTarget"]["oidcToken"]["serviceAccountEmail"] == email(orders(), "InventoryReserve")


@pytest.mark.parametrize(("window", "schedule"), [(0, "*/1 * * * *"), (61, "*/2 * * * *"), (400, "*/10 * * * *")])
def test_a_drain_is_started_each_so_many_whole_minutes(window: float, schedule: str) -> None:
    found = queued(batch_size=10, batch_window=window)

    assert found.named("Pack-drain").inputs["schedule"] == schedule


@pytest.mark.parametrize(("timeout", "deadline"), [(1, "15s"), (30, "37s"), (1800, "1800s"), (3600, "1800s")])
def test_scheduler_waits_for_a_drain_as_long_as_it_runs_or_can(timeout: int, deadline: str) -> None:
    waited = queued(batch_size=10, timeout=timeout).named("Pack-drain").inputs["attemptDeadline"]

    assert int(waited.rstrip("s")) >= min(1800, max(15, timeout))
    assert int(waited.rstrip("s")) <= int(deadline.rstrip("s"))


def test_what_is_pulled_is_told_with_its_batch_and_its_order() -> None:
    told = json.loads(variables(contract(), "InLine")["ISTHMUS_PULL"])

    assert list(told.values()) == [{"batch": 5, "ordered": True}]
    assert list(told) == list(identity(contract(), "InLine")["sources"])


def test_a_queue_that_hears_topics_is_drained_of_all_of_them() -> None:
    told = json.loads(variables(orders(), "InventoryReserve")["ISTHMUS_PULL"])

    assert sorted(told) == sorted(identity(orders(), "InventoryReserve")["sources"])
    assert len(told) == 2


def test_a_function_that_runs_longer_than_a_push_may_take_is_drained() -> None:
    found = queued(timeout=601)

    assert "pushConfig" not in found.named("Work-subscription").inputs
    assert json.loads(variables(found, "Pack")["ISTHMUS_PULL"]) == {
        found.named("Work-subscription").inputs["name"]: {"batch": 1, "ordered": False}
    }
    assert "pushConfig" in queued(timeout=600).named("Work-subscription").inputs


def test_who_starts_functions_or_sends_to_queues_knows_the_tasks_of_the_app() -> None:
    assert "ISTHMUS_TASKS" in variables(contract(), "Reader")
    assert "ISTHMUS_TASKS" in variables(contract(), "Writer")
    assert "ISTHMUS_TASKS" not in variables(contract(), "Add")


def test_who_sends_to_an_ordered_queue_knows_where_it_is_noted() -> None:
    def declare(app: App) -> None:
        line = app.queue("Line", fifo=True)
        app.function("Pack", f"{HANDLERS}.anything", link=[line])

    found = deployed(shop(declare))

    (database,) = found.of("database:Database")
    fields = {one.inputs["field"]: one.inputs for one in found.of("field:Field")}
    assert variables(found, "Pack")["ISTHMUS_SENT"] == database.inputs["name"]
    assert {one["collection"] for one in fields.values()} == {"sent"}
    assert "ttlConfig" in fields["expires"]
    assert "ISTHMUS_SENT" not in variables(function(), "Pack")


def test_no_secret_is_in_the_environment() -> None:
    assert "secretEnvironmentVariables" not in service(orders(), "Api-all")
    assert identity(orders(), "Api-all")["links"]["WebhookKey"][0] == "secret"
