"""What every component has in common."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_aws import dynamodb, lambda_, sqs

from isthmus.components.arguments import ComponentArgs
from isthmus.components.component import Component, Node, check_arguments, parameters
from isthmus.declarations.app import App, Removal
from isthmus.declarations.target import Target
from isthmus.deployment import Deployment
from isthmus.plan import plan
from isthmus.providers import find
from isthmus.transforms import TransformError
from isthmus_aws.infra.components import CLASSES, COMPONENTS
from tests.aws.infra.mocks import Deployed, run

TARGET = Target("aws", "dev", "123456789012", "eu-central-1")
KEPT = Node("kept", sqs.Queue, holds_data=True)
PLAIN = Node("plain", sqs.Queue)
MAPPED = Node("mapping", lambda_.EventSourceMapping)


class Pair(Component[ComponentArgs]):
    """A component of two queues, one of which holds data."""

    token = "isthmus:test:Pair"
    children = (KEPT, PLAIN, MAPPED)

    def __init__(self, args: ComponentArgs, deployment: Deployment) -> None:
        super().__init__("Pair", args, deployment, tags={"own": "1"})
        kept = self.child(KEPT, {"name": "kept", "tags": {"mine": "2"}}, adopt="address")
        self.child(PLAIN, {"delay_seconds": 5, "max_message_size": 2048}, depends_on=[kept])
        self.child(PLAIN, {"delay_seconds": 5}, of="b")
        self.done(queue=kept.arn)


def made(args: ComponentArgs | None = None, removal: Removal = "remove") -> Deployed:
    app = App("shop", removal=removal, tags={"team": "shop"})
    deployment = Deployment(plan(app, TARGET, find("aws")))
    return run(lambda: made_of(args, deployment))


def made_of(args: ComponentArgs | None, deployment: Deployment) -> None:
    Pair(args or ComponentArgs(), deployment)


def test_children_are_named_after_the_component_and_their_role() -> None:
    found = made()

    assert found.names == ["Pair", "Pair-kept", "Pair-plain", "Pair-plain-b"]
    assert found.named("Pair-plain").request.parent == found.named("Pair").urn


def test_a_stage_that_keeps_its_data_protects_the_child_that_holds_it() -> None:
    kept = made(removal="retain").named("Pair-kept").request

    assert (kept.protect, kept.retainOnDelete) == (True, True)


def test_a_stage_that_does_not_says_so_aloud() -> None:
    kept = made().named("Pair-kept").request

    assert (kept.protect, kept.retainOnDelete) == (False, False)


@pytest.mark.parametrize("removal", ["retain", "remove"])
def test_what_holds_data_is_never_deleted_to_be_replaced(removal: Removal) -> None:
    kept = made(removal=removal).named("Pair-kept").request

    assert (kept.deleteBeforeReplace, kept.deleteBeforeReplaceDefined) == (False, True)


def test_what_holds_no_data_is_left_to_pulumi() -> None:
    plain = made(removal="retain").named("Pair-plain").request

    assert (plain.protect, plain.retainOnDelete, plain.deleteBeforeReplaceDefined) == (False, False, False)


def test_tags_are_on_whatever_takes_them_unless_it_has_its_own() -> None:
    found = made()

    assert found.named("Pair-plain").inputs["tags"] == {
        "isthmus:app": "shop",
        "isthmus:stage": "dev",
        "team": "shop",
        "own": "1",
    }
    assert found.named("Pair-kept").inputs["tags"] == {"mine": "2"}


def test_raw_arguments_are_merged_deep_into_those_of_their_role() -> None:
    found = made(ComponentArgs(nodes={"kept": {"tags": {"more": "3"}}, "plain": {"delay_seconds": 9}}))

    assert found.named("Pair-kept").inputs["tags"] == {"mine": "2", "more": "3"}
    assert found.named("Pair-plain").inputs["delaySeconds"] == 9
    assert found.named("Pair-plain").inputs["maxMessageSize"] == 2048


def test_one_of_several_with_the_same_role_is_named_by_what_it_is_of() -> None:
    found = made(ComponentArgs(nodes={"plain": {"delay_seconds": 9}, "plain-b": {"delay_seconds": 7}}))

    assert found.named("Pair-plain").inputs["delaySeconds"] == 9
    assert found.named("Pair-plain-b").inputs["delaySeconds"] == 7


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        ({"keept": {}}, "there is no role 'keept': did you mean 'kept'?"),
        ({"plain-c": {}}, "there is no role 'plain-c': did you mean 'plain-b'?"),
        ({"plain": {"dely_seconds": 1}}, "Queue takes no 'dely_seconds': did you mean 'delay_seconds'?"),
        ({"plain": {"opts": None}}, "Queue takes no 'opts'"),
    ],
)
def test_raw_arguments_that_lead_nowhere_are_refused(nodes: Any, told: str) -> None:
    with pytest.raises(TransformError, match=told.replace("?", r"\?")):
        made(ComponentArgs(nodes=nodes))


def test_what_is_adopted_is_imported_under_its_fixed_name() -> None:
    assert made(ComponentArgs(adopt=True)).named("Pair-kept").request.importId == "address"
    assert made().named("Pair-kept").request.importId == ""


def test_the_arguments_of_a_raw_resource_are_read_from_its_constructor() -> None:
    assert {"name", "hash_key", "tags"} <= parameters(dynamodb.Table)
    assert parameters(dynamodb.Table).isdisjoint({"opts", "resource_name", "args", "self", "__props__"})
    with pytest.raises(TransformError, match="did you mean 'hash_key'"):
        check_arguments("x", dynamodb.Table, {"hash_kye": "id"})


TOKENS = {
    "api": "isthmus:aws:Api",
    "bucket": "isthmus:aws:Bucket",
    "function": "isthmus:aws:Function",
    "parameter": "isthmus:aws:Parameter",
    "queue": "isthmus:aws:Queue",
    "schedule": "isthmus:aws:Schedule",
    "secret": "isthmus:aws:Secret",
    "stream": "isthmus:aws:Stream",
    "table": "isthmus:aws:Table",
    "topic": "isthmus:aws:Topic",
    "workflow": "isthmus:aws:Workflow",
}


def test_the_tokens_are_frozen_since_every_urn_below_holds_them() -> None:
    assert {kind: component.token for kind, component in CLASSES.items()} == TOKENS


def test_each_kind_that_can_be_deployed_has_a_component() -> None:
    assert COMPONENTS.keys() == {*TOKENS, "linkable", "subscription"}


@pytest.mark.parametrize("component", [pytest.param(CLASSES[kind], id=kind) for kind in sorted(TOKENS)])
def test_no_two_children_of_a_component_share_a_role(component: type[Component[Any]]) -> None:
    roles = [node.role for node in component.children]

    assert len(roles) == len(set(roles))
    assert not any("-" in role for role in roles)  # a hyphen sets off what tells several of one role apart
