"""One of each kind, as a program of Pulumi's."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import pulumi
from pulumi_gcp import (
    cloudfunctionsv2,
    cloudrunv2,
    cloudscheduler,
    cloudtasks,
    eventarc,
    firestore,
    organizations,
    pubsub,
    secretmanager,
    serviceaccount,
    storage,
)

CODE = Path(__file__).with_name("code.py")
REGION = "europe-west1"
COLLECTION = "things"


def program() -> None:
    """A public function, and a private one that everything else sends its events to."""
    number = organizations.get_project_output().number
    source = storage.Bucket("source", location="EU", force_destroy=True)
    archive = pulumi.AssetArchive(
        {"main.py": pulumi.FileAsset(str(CODE)), "requirements.txt": pulumi.StringAsset("functions-framework\n")}
    )
    code = storage.BucketObject("code", bucket=source.name, source=archive)
    account = serviceaccount.Account("account", account_id="sample-account")
    queue = cloudtasks.Queue(
        "tasks", location=REGION, retry_config={"max_attempts": 5, "min_backoff": "0.1s", "max_backoff": "1s"}
    )
    public = _function("public", code, account, {"TASKS": queue.id})
    private = _function("private", code, account, {})
    _invoker("everybody", public, "allUsers")
    invoker = _invoker("account", private, account.member)
    token = {"service_account_email": account.email}
    _subscribed(private, token)
    _stored(number)
    _changed(private, account, invoker)
    _scheduled(private, token)
    secretmanager.Secret("secret", secret_id="sample-secret", replication={"auto": {}})
    for name, value in {"public": public.url, "private": private.url, "tasks": queue.id}.items():
        pulumi.export(name, value)


def _function(
    name: str, code: storage.BucketObject, account: serviceaccount.Account, variables: dict[str, Any]
) -> cloudfunctionsv2.Function:
    return cloudfunctionsv2.Function(
        name,
        name=name,
        location=REGION,
        build_config={
            "runtime": "python311",
            "entry_point": "handle",
            "source": {"storage_source": {"bucket": code.bucket, "object": code.name}},
        },
        service_config={
            "environment_variables": {"THREADS": "2", "COLOUR": "red", **variables},
            "max_instance_count": 2,
            "max_instance_request_concurrency": 2,
            "service_account_email": account.email,
            "timeout_seconds": 5,
        },
    )


def _invoker(name: str, function: cloudfunctionsv2.Function, member: pulumi.Input[str]) -> pulumi.Resource:
    return cloudrunv2.ServiceIamMember(
        name, location=REGION, name=function.name, role="roles/run.invoker", member=member
    )


def _subscribed(function: cloudfunctionsv2.Function, token: dict[str, Any]) -> None:
    topic = pubsub.Topic("topic", name="sample-topic")
    dead = pubsub.Topic("dead", name="sample-dead")
    pubsub.Subscription("dead", name="sample-dead", topic=dead.id)
    pubsub.Subscription(
        "pushed",
        name="sample-pushed",
        topic=topic.id,
        push_config=_push(function, token),
        retry_policy={"minimum_backoff": "0.1s", "maximum_backoff": "0.5s"},
        dead_letter_policy={"dead_letter_topic": dead.id, "max_delivery_attempts": 5},
    )
    pubsub.Subscription(
        "bare",
        name="sample-bare",
        topic=topic.id,
        filter='attributes.form = "bare"',
        push_config=_push(function, token, no_wrapper={"write_metadata": True}),
    )


def _push(function: cloudfunctionsv2.Function, token: dict[str, Any], **more: Any) -> Any:
    return {"push_endpoint": function.url, "oidc_token": token, **more}


def _stored(number: pulumi.Output[str]) -> None:
    told = pubsub.Topic("stored", name="sample-stored")
    pubsub.Subscription("stored", name="sample-stored", topic=told.id)
    agent = pulumi.Output.concat("serviceAccount:service-", number, "@gs-project-accounts.iam.gserviceaccount.com")
    granted = pubsub.TopicIAMMember("storage", topic=told.name, role="roles/pubsub.publisher", member=agent)
    files = storage.Bucket("files", name="sample-files", location="EU")
    storage.Notification(
        "files",
        bucket=files.name,
        topic=told.id,
        payload_format="JSON_API_V1",
        opts=pulumi.ResourceOptions(depends_on=[granted]),
    )


def _changed(function: cloudfunctionsv2.Function, account: serviceaccount.Account, invoker: pulumi.Resource) -> None:
    database = firestore.Database("database", name="sample", location_id=REGION, type="FIRESTORE_NATIVE")
    firestore.Index(
        "index",
        database=database.name,
        collection=COLLECTION,
        fields=[{"field_path": "a", "order": "ASCENDING"}, {"field_path": "b", "order": "DESCENDING"}],
    )
    firestore.Field("all", database=database.name, collection="bare", field="*", index_config={})
    eventarc.Trigger(
        "changed",
        location=REGION,
        matching_criterias=[
            {"attribute": "type", "value": "google.cloud.firestore.document.v1.written.withAuthContext"},
            {"attribute": "database", "value": "sample"},
            {"attribute": "document", "value": f"{COLLECTION}/{{id}}", "operator": "match-path-pattern"},
        ],
        event_data_content_type="application/protobuf",
        destination={"cloud_run_service": {"service": function.name, "region": REGION}},
        service_account=account.email,
        opts=pulumi.ResourceOptions(depends_on=[database, invoker]),
    )


def _scheduled(function: cloudfunctionsv2.Function, token: dict[str, Any]) -> None:
    body = b64encode(b'{"tick": "yearly"}').decode()
    headers = {"content-type": "application/json", "x-own": "é"}
    target: Any = {"uri": function.url, "headers": headers, "body": body, "oidc_token": token}
    cloudscheduler.Job("yearly", name="yearly", region=REGION, schedule="0 4 1 1 *", http_target=target)
    ticking: Any = {**target, "body": b64encode(b'{"tick": "often"}').decode()}
    cloudscheduler.Job("often", name="often", region=REGION, schedule="* * * * *", http_target=ticking)
