"""The component of a workflow: what is deployed, by whose account it runs, and what that may call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml

from isthmus.declarations.app import App
from isthmus.declarations.resource import Grant
from isthmus.declarations.target import Target
from tests.gcp.infra.deploying import deployed, refused
from tests.gcp.infra.mocks import ACCOUNT, REGION, Deployed
from tests.gcp.infra.shops import HANDLERS, address, email, follows, member, shop

ENDS = {"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}}
RUN, READ, LOG = "roles/workflows.invoker", "roles/workflows.viewer", "roles/logging.logWriter"
PROJECT = "projects/iAMMember:IAMMember"
SERVICE = "serviceIamMember:ServiceIamMember"
TOPIC = "topicIAMMember:TopicIAMMember"


def task(resource: str, **fields: Any) -> dict[str, Any]:
    return {"StartAt": "Do", "States": {"Do": {"Type": "Task", "Resource": resource, "End": True, **fields}}}


def ship(definition: Mapping[str, Any], *, removal: Any = "remove", **options: Any) -> Callable[[Target], App]:
    def declare(app: App) -> None:
        app.function("Pack", f"{HANDLERS}.anything")
        app.queue("Work")
        app.topic("News")
        app.workflow("Child", ENDS)
        app.workflow("Ship", definition, **options)

    return shop(declare, removal=removal)


def steps(found: Deployed, name: str) -> dict[str, Any]:
    """Return the subworkflows of a workflow's source."""
    source: dict[str, Any] = yaml.safe_load(found.named(f"{name}-workflow").inputs["sourceContents"])
    return source


def granted(found: Deployed, name: str) -> set[tuple[str, str]]:
    """Return every role that the account of a workflow or a function has, with what it is of."""
    keys = ("topic", "subscription", "bucket", "secretId", "name", "serviceAccountId", "project")
    mine = [one for one in found.resources if one.inputs.get("member") == member(found, name)]
    return {(one.inputs["role"], next(one.inputs[key] for key in keys if key in one.inputs)) for one in mine}


def test_a_workflow_is_deployed_with_its_source_and_an_account_of_its_own() -> None:
    found = deployed(ship(task("Pack")))
    inputs = found.named("Ship-workflow").inputs

    assert (inputs["project"], inputs["region"]) == (ACCOUNT, REGION)
    assert inputs["serviceAccount"] == email(found, "Ship")
    assert inputs["serviceAccount"] != found.named("Child-workflow").inputs["serviceAccount"]
    assert inputs["callLogLevel"] == "LOG_ERRORS_ONLY"
    assert inputs["labels"] == {"team": "shop", "isthmus-app": "shop", "isthmus-stage": "dev"}
    assert f"url: '{address(found, 'Pack')}'" in inputs["sourceContents"]
    assert next(iter(steps(found, "Ship"))) == "main"


def test_the_service_of_workflows_is_enabled_before() -> None:
    assert follows(deployed(ship(ENDS)), "Ship-workflow", "workflows-service")


@pytest.mark.parametrize(("removal", "keeps"), [("remove", False), ("retain", True)])
def test_a_stage_that_keeps_its_data_keeps_the_executions_of_its_workflows(removal: str, keeps: bool) -> None:
    found = deployed(ship(ENDS, removal=removal)).named("Ship-workflow")

    assert found.inputs["deletionProtection"] is keeps
    assert found.inputs["deletionPolicy"] == ("PREVENT" if keeps else "DELETE")
    assert (found.request.protect, found.request.retainOnDelete) == (keeps, keeps)


def test_a_workflow_that_calls_nothing_may_write_its_log_and_nothing_else() -> None:
    assert granted(deployed(ship(ENDS)), "Ship") == {(LOG, ACCOUNT)}


def test_a_workflow_that_logs_nothing_may_do_nothing() -> None:
    found = deployed(ship(ENDS, transform={"logs": "LOG_NONE"}))

    assert granted(found, "Ship") == set()
    assert found.named("Ship-workflow").inputs["callLogLevel"] == "LOG_NONE"


def test_a_level_of_logs_that_workflows_has_not_is_refused() -> None:
    assert "'loud'" in refused(ship(ENDS, transform={"logs": "loud"}))


@pytest.mark.parametrize(
    ("resource", "role", "child"),
    [
        ("Pack", "roles/run.invoker", "Pack-function"),
        ("Pack.waitForTaskToken", "roles/run.invoker", "Pack-function"),
        ("Work", "roles/pubsub.publisher", "Work-topic"),
        ("News", "roles/pubsub.publisher", "News-topic"),
        ("News.waitForTaskToken", "roles/pubsub.publisher", "News-topic"),
    ],
)
def test_a_workflow_may_call_what_its_definition_calls_and_no_other(resource: str, role: str, child: str) -> None:
    found = deployed(ship(task(resource)))

    assert granted(found, "Ship") == {(LOG, ACCOUNT), (role, found.named(child).inputs["name"])}
    assert granted(found, "Child") == {(LOG, ACCOUNT)}


@pytest.mark.parametrize("resource", ["Child", "Child.sync"])
def test_a_workflow_that_starts_another_may_start_those_of_the_project(resource: str) -> None:
    found = deployed(ship(task(resource)))

    assert granted(found, "Ship") == {(LOG, ACCOUNT), (RUN, ACCOUNT)}
    assert granted(found, "Child") == {(LOG, ACCOUNT)}


def test_what_a_workflow_may_do_is_there_before_it_is() -> None:
    states = {
        "A": {"Type": "Task", "Resource": "Pack", "Next": "B"},
        "B": {"Type": "Task", "Resource": "News", "Next": "C"},
        "C": {"Type": "Task", "Resource": "Child", "End": True},
    }
    found = deployed(ship({"StartAt": "A", "States": states}))

    for earlier in ("Ship-invoker-Pack", "Ship-publisher-News", "Ship-runs-workflows-member", "Ship-account"):
        assert follows(found, "Ship-workflow", earlier)


def test_a_function_that_is_called_twice_is_granted_once() -> None:
    states = {
        "A": {"Type": "Task", "Resource": "Pack", "Next": "B"},
        "B": {"Type": "Task", "Resource": f"{HANDLERS}.anything", "End": True},
    }
    found = deployed(ship({"StartAt": "A", "States": states}))

    assert len([one for one in found.of(SERVICE) if one.inputs["member"] == member(found, "Ship")]) == 1


def test_a_handlers_path_becomes_a_private_function_of_which_only_the_workflow_calls_it() -> None:
    found = deployed(ship(task(f"{HANDLERS}.with_context")))
    name = next(one.name for one in found.of("function:Function") if one.name.lower().endswith("withcontext-function"))
    service = found.named(name).inputs["name"]
    callers = {one.inputs["member"] for one in found.of(SERVICE) if one.inputs["name"] == service}

    assert callers == {member(found, "Ship"), member(found, name.removesuffix("-function"))}
    assert "allUsers" not in str([one.inputs for one in found.resources])


def test_workflows_may_start_each_other_and_themselves() -> None:
    def declare(app: App) -> None:
        app.workflow("Ping", task("Pong"))
        app.workflow("Pong", task("Ping"))
        app.workflow("Again", task("Again"))

    found = deployed(shop(declare))

    for name in ("Ping", "Pong", "Again"):
        assert granted(found, name) == {(LOG, ACCOUNT), (RUN, ACCOUNT)}
    assert found.named("Pong-workflow").inputs["name"] in found.named("Ping-workflow").inputs["sourceContents"]


@pytest.mark.parametrize(
    ("verbs", "roles"),
    [
        (("start",), {RUN}),
        (("read",), {READ}),
        (("stop",), {RUN}),
        (("complete",), {RUN}),
        (("start", "read", "stop", "complete"), {RUN}),
    ],
)
def test_a_linked_function_has_the_one_role_that_its_verbs_need(verbs: tuple[str, ...], roles: set[str]) -> None:
    def declare(app: App) -> None:
        linked = app.workflow("Ship", ENDS)
        app.function("Start", f"{HANDLERS}.anything", link=[Grant(linked, verbs)])
        app.function("Other", f"{HANDLERS}.anything")

    found = deployed(shop(declare))
    workflows = {role for role, _ in granted(found, "Start") if "workflows" in role}

    assert workflows == roles
    assert {role for role, _ in granted(found, "Other") if "workflows" in role} == set()


def test_a_function_that_is_linked_to_two_workflows_has_its_role_once() -> None:
    def declare(app: App) -> None:
        link = [app.workflow("Ship", ENDS), app.workflow("Bill", ENDS)]
        app.function("Start", f"{HANDLERS}.anything", link=link)

    found = deployed(shop(declare))

    assert len([one for one in found.of(PROJECT) if one.inputs["member"] == member(found, "Start")]) == 1 + len(
        [one for one in found.of(PROJECT) if "datastore" in one.inputs["role"]]
    )


def test_a_renamed_workflow_keeps_its_name_its_account_and_its_grants() -> None:
    def declare(app: App, name: str, transform: Any) -> None:
        app.function("Pack", f"{HANDLERS}.anything")
        app.topic("News")
        states = {
            "A": {"Type": "Task", "Resource": "Pack", "Next": "B"},
            "B": {"Type": "Task", "Resource": "News", "Next": "C"},
            "C": {"Type": "Task", "Resource": name, "End": True},
        }
        app.workflow(name, {"StartAt": "A", "States": states}, transform=transform)

    before = deployed(shop(lambda app: declare(app, "Old", None)))
    after = deployed(shop(lambda app: declare(app, "New", {"renamed_from": "Old"})))

    assert after.named("New-workflow").inputs["name"] == before.named("Old-workflow").inputs["name"]
    assert after.named("New-workflow").inputs["sourceContents"] == before.named("Old-workflow").inputs["sourceContents"]
    by_urn = {one.urn: one for one in after.resources}
    for one in (one for one in before.resources if one.inputs.get("member") == member(before, "Old")):
        aliased = [r for r in after.resources if any(alias.spec.name == one.name for alias in r.request.aliases)]
        assert (by_urn.get(one.urn) or aliased[0]).inputs["member"] == one.inputs["member"]


def test_a_preview_knows_the_whole_source() -> None:
    told = deployed(ship(task("Pack")), preview=True)
    made = deployed(ship(task("Pack")))

    assert told.named("Ship-workflow").inputs["sourceContents"] == made.named("Ship-workflow").inputs["sourceContents"]


def test_what_google_has_no_counterpart_for_is_refused_before_anything_is_made() -> None:
    told = refused(ship(task("Pack", HeartbeatSeconds=5)))

    assert "workflow 'Ship': /States/Do/HeartbeatSeconds: Workflows has no heartbeats" in told


def test_a_whole_resource_that_is_bound_is_the_function_that_is_called_instead() -> None:
    job = "arn:aws:states:::batch:submitJob"
    definition = task(f"{job}.sync", Parameters={"JobName": "pack"})
    found = deployed(ship(definition, bind={job: "Pack"}))

    assert f"url: '{address(found, 'Pack')}'" in found.named("Ship-workflow").inputs["sourceContents"]
    assert ("roles/run.invoker", found.named("Pack-function").inputs["name"]) in granted(found, "Ship")


def test_a_name_that_is_bound_to_a_resource_of_another_app_is_refused() -> None:
    other = App("bank").function("Pay", f"{HANDLERS}.anything")

    assert "another app" in refused(ship(task("pay"), bind={"pay": other}))
