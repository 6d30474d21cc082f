"""What is stored by name: parameters of SSM, and secrets, whose values never come from a program."""

from __future__ import annotations

from typing import Any

from tests.emulators.aws.session import Session
from tests.emulators.aws.shapes import pick, tags
from tests.emulators.realiser.kind import Inputs, Kind, Made


def _parameter(aws: Session, inputs: Inputs) -> Made:
    return Made(inputs["name"], _put(aws, inputs, overwrite=False))


def _put(aws: Session, inputs: Inputs, *, overwrite: bool) -> dict[str, Any]:
    version = aws.client("ssm").put_parameter(
        Name=inputs["name"],
        Type=inputs["type"],
        Overwrite=overwrite,
        **pick(inputs, Description="description", Tier="tier", KeyId="keyId"),
        Value=inputs.get("value") or inputs.get("insecureValue") or "",
    )["Version"]
    return _outputs(aws, inputs["name"], version)


def _outputs(aws: Session, name: str, version: int) -> dict[str, Any]:
    return {"arn": aws.arn("ssm", f"parameter/{name.removeprefix('/')}"), "version": version}


def _read_parameter(aws: Session, id_: str, state: Inputs) -> dict[str, Any]:
    found = aws.client("ssm").get_parameter(Name=id_, WithDecryption=True)["Parameter"]
    field = "insecureValue" if state.get("insecureValue") else "value"
    drifted = {} if found["Value"] == state.get(field) else {field: found["Value"]}
    return {**_outputs(aws, id_, found["Version"]), **drifted}


def _secret(aws: Session, inputs: Inputs) -> Made:
    options = pick(inputs, Description="description", KmsKeyId="kmsKeyId")
    arn = aws.client("secretsmanager").create_secret(Name=inputs["name"], Tags=tags(inputs), **options)["ARN"]
    return Made(arn, {"arn": arn})


def _change_secret(aws: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    options = pick(inputs, Description="description", KmsKeyId="kmsKeyId")
    aws.client("secretsmanager").update_secret(SecretId=id_, **options)
    return {"arn": id_}


def _delete_secret(aws: Session, id_: str, state: Inputs) -> None:
    days = state.get("recoveryWindowInDays")
    how: dict[str, Any] = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    aws.client("secretsmanager").delete_secret(SecretId=id_, **how)


def _read_secret(aws: Session, id_: str, _state: Inputs) -> dict[str, Any] | None:
    found = aws.client("secretsmanager").describe_secret(SecretId=id_)
    return None if found.get("DeletedDate") else {"arn": id_}


def _resource_policy(aws: Session, inputs: Inputs) -> Made:
    aws.client("secretsmanager").put_resource_policy(SecretId=inputs["secretArn"], ResourcePolicy=inputs["policy"])
    return Made(inputs["secretArn"], {})


KINDS = {
    "aws:ssm/parameter:Parameter": Kind(
        create=_parameter,
        change=lambda aws, id_, inputs: _put(aws, inputs, overwrite=True),
        delete=lambda aws, id_, _: aws.client("ssm").delete_parameter(Name=id_),
        read=_read_parameter,
        name="name",
        outputs=("arn", "version"),
    ),
    "aws:secretsmanager/secret:Secret": Kind(
        create=_secret,
        change=_change_secret,
        delete=_delete_secret,
        read=_read_secret,
        name="name",
        outputs=("arn",),
    ),
    "aws:secretsmanager/secretPolicy:SecretPolicy": Kind(
        create=_resource_policy,
        change=lambda aws, id_, inputs: _resource_policy(aws, inputs).outputs,
        delete=lambda aws, id_, _: aws.client("secretsmanager").delete_resource_policy(SecretId=id_),
        fixed=("secretArn",),
    ),
}
"""Pulumi's token to what makes it."""
