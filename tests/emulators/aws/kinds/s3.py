"""Buckets, and what pulumi-aws sets on them by resources of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.emulators.aws.session import Session
from tests.emulators.aws.shapes import pascal, picked, tags, upper, within
from tests.emulators.realiser.kind import Inputs, Kind, Made


def _bucket(aws: Session, inputs: Inputs) -> Made:
    locked = {"ObjectLockEnabledForBucket": True} if inputs.get("objectLockEnabled") else {}
    aws.client("s3").create_bucket(Bucket=inputs["bucket"], **locked)
    return Made(inputs["bucket"], _outputs(aws, inputs["bucket"]))


def _outputs(aws: Session, name: str) -> dict[str, Any]:
    return {
        "bucket": name,
        "arn": f"arn:aws:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{name}.s3.{aws.region}.amazonaws.com",
        "region": aws.region,
    }


def _finish(aws: Session, id_: str, inputs: Inputs) -> None:
    if inputs.get("tags"):
        aws.client("s3").put_bucket_tagging(Bucket=id_, Tagging={"TagSet": tags(inputs)})


def _read(aws: Session, id_: str, _state: Inputs) -> dict[str, Any]:
    aws.client("s3").get_bucket_location(Bucket=id_)
    return _outputs(aws, id_)


def _delete(aws: Session, id_: str, state: Inputs) -> None:
    if state.get("forceDestroy"):
        _empty(aws.client("s3"), id_)
    aws.client("s3").delete_bucket(Bucket=id_)


def _empty(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for found in page.get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=found["Key"])


def _setting(put: Callable[[Any, Inputs], object], take_away: Callable[[Any, str], object]) -> Kind:
    """Return the kind of a resource that is a setting of the bucket `bucket`."""

    def create(aws: Session, inputs: Inputs) -> Made:
        put(aws.client("s3"), inputs)
        return Made(inputs["bucket"], {})

    def change(aws: Session, _id: str, inputs: Inputs) -> dict[str, Any]:
        put(aws.client("s3"), inputs)
        return {}

    def delete(aws: Session, id_: str, _state: Inputs) -> object:
        return take_away(aws.client("s3"), id_)

    return Kind(create=create, change=change, delete=delete, fixed=("bucket",))


def _block(s3: Any, inputs: Inputs) -> None:
    names = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    s3.put_public_access_block(
        Bucket=inputs["bucket"],
        PublicAccessBlockConfiguration={upper(name): bool(inputs.get(name)) for name in names},
    )


def _ownership(s3: Any, inputs: Inputs) -> None:
    s3.put_bucket_ownership_controls(Bucket=inputs["bucket"], OwnershipControls={"Rules": [pascal(inputs["rule"])]})


def _encryption(s3: Any, inputs: Inputs) -> None:
    rules: list[dict[str, Any]] = []
    for rule in inputs["rules"]:
        default = within(rule, "applyServerSideEncryptionByDefault")
        plain = {"SSEAlgorithm": default.get("sseAlgorithm"), "KMSMasterKeyID": default.get("kmsMasterKeyId")}
        rules.append(
            {
                "ApplyServerSideEncryptionByDefault": {name: value for name, value in plain.items() if value},
                **picked(rule, "bucketKeyEnabled"),
            }
        )
    s3.put_bucket_encryption(Bucket=inputs["bucket"], ServerSideEncryptionConfiguration={"Rules": rules})


def _versioning(s3: Any, inputs: Inputs) -> None:
    status = inputs["versioningConfiguration"]["status"]
    if status != "Disabled":  # a bucket that was never versioned cannot be told so
        s3.put_bucket_versioning(Bucket=inputs["bucket"], VersioningConfiguration={"Status": status})


def _lifecycle(s3: Any, inputs: Inputs) -> None:
    rules = [_rule(rule) for rule in inputs["rules"]]
    s3.put_bucket_lifecycle_configuration(Bucket=inputs["bucket"], LifecycleConfiguration={"Rules": rules})


def _rule(rule: Inputs) -> dict[str, Any]:
    renamed = {"Id": "ID", "Transition": "Transitions"}
    shaped: dict[str, Any] = pascal(rule)
    shaped = {renamed.get(key, key): value for key, value in shaped.items()}
    return {"Filter": {"Prefix": ""}, **shaped}


def _policy(s3: Any, inputs: Inputs) -> None:
    json.loads(inputs["policy"])
    s3.put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])


def _cors(s3: Any, inputs: Inputs) -> None:
    rules = [{**pascal(rule)} for rule in inputs["corsRules"]]
    s3.put_bucket_cors(Bucket=inputs["bucket"], CORSConfiguration={"CORSRules": rules})


_TARGETS = (
    ("queues", "queueArn", "QueueConfigurations"),
    ("topics", "topicArn", "TopicConfigurations"),
    ("lambdaFunctions", "lambdaFunctionArn", "LambdaFunctionConfigurations"),
)


def _notification(s3: Any, inputs: Inputs) -> None:
    configuration: dict[str, Any] = {
        theirs: [_told(target, arn) for target in inputs[ours]] for ours, arn, theirs in _TARGETS if inputs.get(ours)
    }
    if inputs.get("eventbridge"):
        configuration["EventBridgeConfiguration"] = {}
    s3.put_bucket_notification_configuration(Bucket=inputs["bucket"], NotificationConfiguration=configuration)


def _told(target: Inputs, arn: str) -> dict[str, Any]:
    told: dict[str, Any] = {upper(arn): target[arn], "Events": target["events"]}
    if target.get("id"):
        told["Id"] = target["id"]
    named = (("prefix", target.get("filterPrefix")), ("suffix", target.get("filterSuffix")))
    rules = [{"Name": name, "Value": value} for name, value in named if value]
    return {**told, "Filter": {"Key": {"FilterRules": rules}}} if rules else told


_BUCKET = Kind(
    create=_bucket,
    finish=_finish,
    change=lambda aws, id_, inputs: _outputs(aws, id_),
    delete=_delete,
    read=_read,
    name="bucket",
    outputs=("bucket", "arn", "bucketDomainName", "bucketRegionalDomainName", "region"),
)

_SETTINGS = {
    "PublicAccessBlock": _setting(_block, lambda s3, id_: s3.delete_public_access_block(Bucket=id_)),
    "OwnershipControls": _setting(_ownership, lambda s3, id_: s3.delete_bucket_ownership_controls(Bucket=id_)),
    "ServerSideEncryptionConfiguration": _setting(_encryption, lambda s3, id_: s3.delete_bucket_encryption(Bucket=id_)),
    "Versioning": _setting(
        _versioning,
        lambda s3, id_: s3.put_bucket_versioning(Bucket=id_, VersioningConfiguration={"Status": "Suspended"}),
    ),
    "LifecycleConfiguration": _setting(_lifecycle, lambda s3, id_: s3.delete_bucket_lifecycle(Bucket=id_)),
    "Policy": _setting(_policy, lambda s3, id_: s3.delete_bucket_policy(Bucket=id_)),
    "CorsConfiguration": _setting(_cors, lambda s3, id_: s3.delete_bucket_cors(Bucket=id_)),
    "Notification": _setting(
        _notification,
        lambda s3, id_: s3.put_bucket_notification_configuration(Bucket=id_, NotificationConfiguration={}),
    ),
}


def _tokens(name: str) -> tuple[str, str]:
    """Return the tokens of a setting: pulumi-aws 7 has the plain one, and the older one with `V2` beside it."""
    lower = name[:1].lower() + name[1:]
    return f"aws:s3/bucket{upper(lower)}:Bucket{name}", f"aws:s3/bucket{upper(lower)}V2:Bucket{name}V2"


KINDS = {
    "aws:s3/bucket:Bucket": _BUCKET,
    "aws:s3/bucketV2:BucketV2": _BUCKET,
    **{token: kind for name, kind in _SETTINGS.items() for token in _tokens(name)},
}
"""Pulumi's token to what makes it."""
