"""The component of a bucket, and the inboxes that its events go to."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.aws.infra.deploying import deployed, refused
from tests.aws.infra.mocks import ACCOUNT
from tests.aws.infra.shops import HANDLERS, allowed, arn, follows, kept, shop


def images(app: App, transform: Any = None, **options: Any) -> None:
    app.bucket("Images", transform=transform, **options)


def told(app: App) -> None:
    bucket = app.bucket("Images")
    bucket.subscribe(f"{HANDLERS}.object_event", name="Shrink", events=["created"], prefix="in/", suffix=".jpg")
    bucket.subscribe(f"{HANDLERS}.object_event", name="Log", prefix="logs/")


def test_nothing_of_a_bucket_is_public() -> None:
    found = deployed(shop(images))
    access = found.named("Images-access").inputs

    for option in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"):
        assert access[option] is True
    assert found.named("Images-ownership").inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    assert found.named("Images-encryption").inputs["rules"] == [
        {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    ]


def test_nobody_comes_in_without_tls() -> None:
    found = deployed(shop(images))
    (statement,) = found.named("Images-policy").json("policy")["Statement"]
    name = found.named("Images-bucket").inputs["bucket"]

    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    assert follows(found, "Images-policy", "Images-access")


def test_what_is_overwritten_is_kept_only_on_request() -> None:
    found = deployed(shop(lambda app: images(app, versioned=True)))

    assert found.named("Images-versioning").inputs["versioningConfiguration"] == {"status": "Enabled"}
    assert follows(found, "Images-lifecycle", "Images-versioning")
    assert "Images-versioning" not in deployed(shop(images)).names


def test_a_stage_that_keeps_its_data_keeps_older_versions_too() -> None:
    found = deployed(shop(lambda app: app.bucket("Pictures", versioned=True), removal="retain"))

    assert kept(found, "Pictures-versioning") == (True, True, True)


def test_uploads_that_were_never_finished_go_away() -> None:
    found = deployed(shop(lambda app: images(app, {"abort_uploads_after": 2})))
    (rule,) = found.named("Images-lifecycle").inputs["rules"]

    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 2}
    assert rule["status"] == "Enabled"


def test_one_notification_tells_all_inboxes() -> None:
    found = deployed(shop(told))
    first, second = found.named("Images-notification").inputs["queues"]

    assert (first["events"], first["filterPrefix"], first["filterSuffix"]) == (["s3:ObjectCreated:*"], "in/", ".jpg")
    assert first["queueArn"].endswith(found.named("Images-inbox-Shrink").inputs["name"])
    assert (second["events"], second["filterPrefix"]) == (["s3:ObjectCreated:*", "s3:ObjectRemoved:*"], "logs/")
    assert "filterSuffix" not in second
    assert first["id"] != second["id"]


def test_the_notification_comes_after_the_policies_that_let_s3_in() -> None:
    found = deployed(shop(told))

    for name in ("Shrink", "Log"):
        assert follows(found, "Images-notification", f"Images-inbox_policy-{name}")


def test_an_inbox_takes_from_this_bucket_alone() -> None:
    found = deployed(shop(told))
    (statement,) = allowed(found.named("Images-inbox_policy-Log"))

    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert statement["Resource"] == [arn("sqs", found.named("Images-inbox-Log").inputs["name"])]
    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{found.named('Images-bucket').inputs['bucket']}"},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }


def test_a_function_that_subscribes_twice_has_one_inbox() -> None:
    def declare(app: App) -> None:
        bucket = app.bucket("Images")
        function = bucket.subscribe(f"{HANDLERS}.object_event", name="Shrink", prefix="in/")
        bucket.subscribe(function, prefix="more/")

    found = deployed(shop(declare))
    queues = found.named("Images-notification").inputs["queues"]

    assert {queue["queueArn"] for queue in queues} == {queues[0]["queueArn"]}
    assert len(queues) == 2
    assert queues[0]["id"] != queues[1]["id"]
    assert [name for name in found.names if name.startswith("Images-inbox-")] == ["Images-inbox-Shrink"]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("my photos/", "my+photos/"),
        ("year=2024/", "year%3D2024/"),
        ("ä/", "%C3%A4/"),
        ("a+b", "a%2Bb"),
        ("a-._b", "a-._b"),
    ],
)
def test_a_filter_is_written_as_s3_wants_it(prefix: str, expected: str) -> None:
    def declare(app: App) -> None:
        app.bucket("Images").subscribe(f"{HANDLERS}.object_event", prefix=prefix)

    (queue,) = deployed(shop(declare)).named("Images-notification").inputs["queues"]

    assert queue["filterPrefix"] == expected


def test_a_bucket_that_tells_nobody_has_no_notification() -> None:
    assert "Images-notification" not in deployed(shop(images)).names


@pytest.mark.parametrize(("removal", "keeps"), [("retain", True), ("remove", False)])
def test_objects_go_with_the_stage_only_where_it_keeps_nothing(removal: Any, keeps: bool) -> None:
    found = deployed(shop(images, removal=removal))

    assert kept(found, "Images-bucket") == (keeps, keeps, True)
    assert found.named("Images-bucket").inputs["forceDestroy"] is not keeps
    assert found.named("Images-access").inputs["skipDestroy"] is keeps  # what is left behind stays private


def test_raw_arguments_reach_each_child() -> None:
    nodes = {"access": {"block_public_policy": False}, "bucket": {"object_lock_enabled": True}}
    found = deployed(shop(lambda app: images(app, {"nodes": nodes})))

    assert found.named("Images-access").inputs["blockPublicPolicy"] is False
    assert found.named("Images-bucket").inputs["objectLockEnabled"] is True


def test_filters_that_overlap_stop_the_deployment() -> None:
    def declare(app: App) -> None:
        bucket = app.bucket("Images")
        bucket.subscribe(f"{HANDLERS}.object_event", name="One")
        bucket.subscribe(f"{HANDLERS}.object_event", name="Two", suffix=".jpg")

    assert "S3 takes no two that the same object could pass" in refused(shop(declare))


def test_a_preview_shows_the_same() -> None:
    assert deployed(shop(told), preview=True).names == deployed(shop(told)).names
