"""Roles and their policies."""

from __future__ import annotations

import json
from typing import Any

from tests.emulators.aws.session import Session
from tests.emulators.aws.shapes import listed, pick, tags
from tests.emulators.realiser.kind import Inputs, Kind, Made


def _role(aws: Session, inputs: Inputs) -> Made:
    json.loads(inputs["assumeRolePolicy"])
    role = aws.client("iam").create_role(
        RoleName=inputs["name"],
        AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
        Path=inputs.get("path", "/"),
        **pick(inputs, Description="description", MaxSessionDuration="maxSessionDuration"),
        Tags=tags(inputs),
    )["Role"]
    return Made(inputs["name"], _role_outputs(role))


def _role_outputs(role: Any) -> dict[str, Any]:
    return {"arn": role["Arn"], "uniqueId": role["RoleId"], "createDate": str(role["CreateDate"])}


def _finish_role(aws: Session, id_: str, inputs: Inputs) -> None:
    for arn in listed(inputs, "managedPolicyArns"):
        aws.client("iam").attach_role_policy(RoleName=id_, PolicyArn=arn)
    for policy in listed(inputs, "inlinePolicies"):
        aws.client("iam").put_role_policy(
            RoleName=id_, PolicyName=policy["name"], PolicyDocument=_document(policy["policy"])
        )


def _change_role(aws: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    iam = aws.client("iam")
    iam.update_assume_role_policy(RoleName=id_, PolicyDocument=inputs["assumeRolePolicy"])
    return _role_outputs(iam.get_role(RoleName=id_)["Role"])


def _delete_role(aws: Session, id_: str, _state: Inputs) -> None:
    iam = aws.client("iam")
    for name in iam.list_role_policies(RoleName=id_)["PolicyNames"]:
        iam.delete_role_policy(RoleName=id_, PolicyName=name)
    for policy in iam.list_attached_role_policies(RoleName=id_)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=id_, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=id_)


def _read_role(aws: Session, id_: str, state: Inputs) -> dict[str, Any]:
    role = aws.client("iam").get_role(RoleName=id_)["Role"]
    document = role["AssumeRolePolicyDocument"]
    same = _parsed(document) == _parsed(state.get("assumeRolePolicy", "{}"))
    drifted = {} if same else {"assumeRolePolicy": json.dumps(_parsed(document))}
    return {**_role_outputs(role), **drifted}


def _role_policy(aws: Session, inputs: Inputs) -> Made:
    aws.client("iam").put_role_policy(
        RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=_document(inputs["policy"])
    )
    return Made(f"{inputs['role']}:{inputs['name']}", {})


def _delete_role_policy(aws: Session, id_: str, _state: Inputs) -> None:
    role, name = id_.split(":")
    aws.client("iam").delete_role_policy(RoleName=role, PolicyName=name)


def _read_role_policy(aws: Session, id_: str, state: Inputs) -> dict[str, Any]:
    role, name = id_.split(":")
    found = aws.client("iam").get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    same = _parsed(found) == _parsed(state.get("policy", "{}"))
    return {} if same else {"policy": json.dumps(_parsed(found))}


def _attachment(aws: Session, inputs: Inputs) -> Made:
    aws.client("iam").attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
    return Made(f"{inputs['role']}-{inputs['policyArn']}", {})


def _detach(aws: Session, _id: str, state: Inputs) -> None:
    aws.client("iam").detach_role_policy(RoleName=state["role"], PolicyArn=state["policyArn"])


def _policy(aws: Session, inputs: Inputs) -> Made:
    policy = aws.client("iam").create_policy(
        PolicyName=inputs["name"], PolicyDocument=_document(inputs["policy"]), Path=inputs.get("path", "/")
    )["Policy"]
    return Made(policy["Arn"], {"arn": policy["Arn"], "policyId": policy["PolicyId"]})


def _document(policy: str) -> str:
    """Return a policy that is JSON, which the emulator would not notice where it is not."""
    json.loads(policy)
    return policy


def _parsed(document: Any) -> Any:
    return json.loads(document) if isinstance(document, str) else document


KINDS = {
    "aws:iam/role:Role": Kind(
        create=_role,
        finish=_finish_role,
        change=_change_role,
        delete=_delete_role,
        read=_read_role,
        name="name",
        fixed=("path",),
        outputs=("arn", "uniqueId", "createDate"),
    ),
    "aws:iam/rolePolicy:RolePolicy": Kind(
        create=_role_policy,
        change=lambda aws, id_, inputs: _role_policy(aws, inputs).outputs,
        delete=_delete_role_policy,
        read=_read_role_policy,
        name="name",
        fixed=("role",),
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Kind(create=_attachment, delete=_detach),
    "aws:iam/policy:Policy": Kind(
        create=_policy,
        delete=lambda aws, id_, _: aws.client("iam").delete_policy(PolicyArn=id_),
        name="name",
        outputs=("arn", "policyId"),
    ),
}
"""Pulumi's token to what makes it."""
