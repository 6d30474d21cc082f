"""A resource whose URN changes is a new one to Pulumi, and the old one is deleted: no change may do that unseen."""

from __future__ import annotations

from tests.gcp.infra.apps import orders
from tests.gcp.infra.urns import SNAPSHOT, urns

REMEDY = (
    "URNs of the reference app have changed. Pulumi would delete the old resources and make new ones: in an app, give "
    "transform={'renamed_from': 'OldName'}; in a component, keep the token and the roles, or add the old name to the "
    "child's aliases. Where the resources really are other ones: python -m tests.gcp.infra.urns"
)


def test_no_resource_of_the_reference_app_changes_its_urn() -> None:
    before = SNAPSHOT.read_text().split("\n")[:-1]
    gone, new = sorted(set(before) - set(urns())), sorted(set(urns()) - set(before))

    assert (gone, new) == ([], []), REMEDY


def test_a_preview_registers_the_same_resources() -> None:
    assert sorted(resource.urn for resource in orders(preview=True).resources) == urns()


def test_every_resource_is_within_a_component() -> None:
    outside = [urn for urn in urns() if "::isthmus:gcp:" not in urn]

    assert outside == []


def test_each_child_is_named_after_its_component() -> None:
    for resource in orders().resources:
        parent = resource.request.parent.rpartition("::")[2]
        if not resource.type.startswith("isthmus:"):
            assert resource.name.startswith(f"{parent}-"), resource.urn
