"""What an api must do with the bodies of requests: JSON, forms, what is malformed, and what is too large."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.http.response import HttpResponse
from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract

JSON = {"content-type": "application/json"}


class BodyContract(Contract):
    """Bodies."""

    @pytest.mark.parametrize("value", [{"a": [1, 2.5, None, "é"]}, [], "text", 0, None], ids=repr)
    def test_json_is_read(self, testbed: Testbed, value: Any) -> None:
        response = testbed.request("POST", "/read_json", api="Api", json={"value": value})

        assert response.json() == {"got": {"value": value}}

    @pytest.mark.parametrize("type", ["application/json; charset=utf-8", "application/vnd.shop+json"])
    def test_a_json_type_with_a_parameter_or_a_suffix_is_json(self, testbed: Testbed, type: str) -> None:
        response = testbed.request("POST", "/read_json", api="Api", body="{}", headers={"content-type": type})

        assert response.status == 200

    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b"{'a': 1}", b"\xff\xfe", b'{"a": 1} x', b"[" * 100_000],
        ids=["empty", "open", "quotes", "no utf-8", "more", "deep"],
    )
    def test_malformed_json_is_400(self, testbed: Testbed, body: bytes) -> None:
        response = testbed.request("POST", "/read_json", api="Api", body=body, headers=JSON)

        assert response.status == 400
        assert response.content_type == "application/problem+json"
        assert "Traceback" not in response.body.decode()

    def test_another_content_type_is_415(self, testbed: Testbed) -> None:
        for type in ("text/plain", "application/xml", "application/x-www-form-urlencoded"):
            response = testbed.request("POST", "/read_json", api="Api", body="{}", headers={"content-type": type})

            assert response.status == 415
            assert response.content_type == "application/problem+json"

    def test_a_form_is_read_with_every_value_of_a_name(self, testbed: Testbed) -> None:
        body = "a=1&a=2&name=J%C3%B6rg+M&empty="
        headers = {"content-type": "application/x-www-form-urlencoded"}
        response = testbed.request("POST", "/read_form", api="Api", body=body, headers=headers)

        assert response.json() == {"got": [["a", "1"], ["a", "2"], ["name", "Jörg M"], ["empty", ""]]}

    def test_a_form_field_given_as_data_arrives(self, testbed: Testbed) -> None:
        response = testbed.request("POST", "/read_form", api="Api", form={"a": "x&y", "b": "é"})

        assert response.json() == {"got": [["a", "x&y"], ["b", "é"]]}

    def test_a_valid_body_becomes_its_type(self, testbed: Testbed) -> None:
        order = {"customer": "ann", "lines": [{"sku": "a", "quantity": 2}, {"sku": "b", "quantity": 3}]}
        response = testbed.request("POST", "/parse", api="Api", json=order)

        assert response.json() == {"customer": "ann", "pieces": 5, "note": ""}

    def test_an_invalid_body_is_422_and_names_each_field(self, testbed: Testbed) -> None:
        order = {"lines": [{"sku": "a", "quantity": "many"}, {"quantity": 1}]}
        response = testbed.request("POST", "/parse", api="Api", json=order)

        fields = {error["field"] for error in self._problem(response, 422)["errors"]}
        assert {field for field in fields if "customer" in field}
        assert {field for field in fields if "quantity" in field}
        assert {field for field in fields if "sku" in field}

    def test_a_body_of_the_limit_passes_and_one_byte_more_is_413(self, testbed: Testbed) -> None:
        headers = {"content-type": "application/octet-stream"}
        passes = testbed.request("POST", "/page", api="Site", body=b"x" * 1000, headers=headers)
        refused = testbed.request("POST", "/page", api="Site", body=b"x" * 1001, headers=headers)

        assert passes.status == 200
        self._problem(refused, 413)

    def _problem(self, response: HttpResponse, status: int) -> dict[str, Any]:
        assert response.status == status
        assert response.content_type == "application/problem+json"
        problem: dict[str, Any] = response.json()
        return problem
