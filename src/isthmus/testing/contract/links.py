"""What a link gives, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import InvocationFailedError
from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract, invoke


class LinkContract(Contract):
    """Least privilege, in the handler as in the cloud."""

    def test_a_linked_verb_works(self, testbed: Testbed, case: str) -> None:
        testbed.resource("Items").put({"id": case, "n": 1})

        assert invoke(testbed, "Reader", use("Items", "get", case)) == {"id": case, "n": 1}
        assert invoke(testbed, "Reader", use("Add", "invoke", {"numbers": [1, 2]}))["sum"] == 3
        assert invoke(testbed, "Writer", use("Items", "put", {"id": case, "n": 2})) is None
        assert testbed.resource("Items").get(case)["n"] == 2

    @pytest.mark.parametrize(
        ("function", "verb", "args", "needed"),
        [
            ("Reader", "put", [{"id": "x"}], "write"),
            ("Reader", "put_many", [[{"id": "x"}]], "write"),
            ("Reader", "update", ["x"], "write"),
            ("Reader", "delete", ["x"], "write"),
            ("Writer", "get", ["x"], "read"),
            ("Writer", "get_many", [["x"]], "read"),
            ("Writer", "query", ["x"], "read"),
            ("Writer", "scan", [], "read"),
        ],
    )
    def test_a_verb_that_is_not_linked_is_refused(
        self, testbed: Testbed, case: str, function: str, verb: str, args: list[Any], needed: str
    ) -> None:
        with pytest.raises(InvocationFailedError) as caught:
            invoke(testbed, function, use("Items", verb, *args))

        assert caught.value.type == "AccessDeniedError"
        for word in (function, "Items", f"link=[items.{needed}]"):
            assert word in caught.value.message
        assert testbed.resource("Items").get("x") is None

    @pytest.mark.parametrize("name", ["Seen", "Errands", "NoSuchThing", "items"])
    def test_a_name_that_is_not_linked_is_told_with_what_is_and_the_line_to_add(
        self, testbed: Testbed, name: str
    ) -> None:
        with pytest.raises(InvocationFailedError) as caught:
            invoke(testbed, "Writer", use(name, "get", "x"))

        assert caught.value.type == "NotLinkedError"
        for word in ("Writer", name, "Items, Work", "link=["):
            assert word in caught.value.message

    def test_a_test_may_use_every_declared_resource_and_no_other(self, testbed: Testbed, case: str) -> None:
        assert testbed.resource("Items").get(case) is None
        with pytest.raises(LookupError, match="Items"):
            testbed.resource("NoSuchThing")

    def test_every_link_knows_its_physical_name(self, testbed: Testbed) -> None:
        names = [testbed.resource(name).name for name in ("Items", "Books", "Work", "Events", "Files")]

        assert len(set(names)) == len(names)
        assert all(names)


def use(resource: str, verb: str, *args: Any) -> dict[str, Any]:
    """Return the payload that lets a function call `verb` of its linked `resource`."""
    return {"resource": resource, "verb": verb, "args": list(args)}
