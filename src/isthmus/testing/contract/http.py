"""What an api must do with requests, good and bad. Reading bodies is in `bodies`."""

from __future__ import annotations

import base64

import pytest

from isthmus.declarations.api import Cors
from isthmus.declarations.app import App
from isthmus.http.response import HttpResponse
from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract, requires
from isthmus.testing.contract.handlers.http import HIDDEN


class HttpContract(Contract):
    """Routes, parameters, headers and answers."""

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    def test_each_method_reaches_its_handler(self, testbed: Testbed, method: str) -> None:
        response = testbed.request(method, "/echo", api="Api")

        assert response.status == 200
        assert response.json()["method"] == method

    def test_a_coroutine_answers_too(self, testbed: Testbed) -> None:
        response = testbed.request("GET", "/later", api="Api", query={"a": "1"})

        assert response.json()["query"] == [["a", "1"]]

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    def test_a_route_for_any_method_takes_each(self, testbed: Testbed, method: str) -> None:
        assert testbed.request(method, "/any", api="Api").json()["method"] == method

    @pytest.mark.parametrize(
        ("path", "params"),
        [
            ("/items/7", {"id": "7"}),
            ("/items/a%20b%C3%A9", {"id": "a bé"}),
            ("/items/a+b", {"id": "a+b"}),
            ("/items/7/parts/8", {"id": "7", "part": "8"}),
            ("/files/a", {"path": "a"}),
            ("/files/a/b/c.txt", {"path": "a/b/c.txt"}),
        ],
    )
    def test_path_parameters_are_decoded(self, testbed: Testbed, path: str, params: dict[str, str]) -> None:
        assert testbed.request("GET", path, api="Api").json()["params"] == params

    def test_a_literal_segment_wins_over_a_parameter(self, testbed: Testbed) -> None:
        assert testbed.request("GET", "/items/special", api="Api").text() == "grüß Gott"

    def test_a_query_keeps_every_value_of_a_name(self, testbed: Testbed) -> None:
        query = {"a": ["1", "2"], "b": "x y&=é", "empty": ""}
        pairs = testbed.request("GET", "/echo", api="Api", query=query).json()["query"]

        assert sorted(pairs) == [["a", "1"], ["a", "2"], ["b", "x y&=é"], ["empty", ""]]

    def test_headers_reach_the_handler_regardless_of_case(self, testbed: Testbed) -> None:
        headers = [("X-One", "1"), ("x-many", "a"), ("X-Many", "b")]
        seen = testbed.request("GET", "/echo", api="Api", headers=headers).json()["headers"]

        assert ["x-one", "1"] in seen
        many = ",".join(value.replace(" ", "") for name, value in seen if name == "x-many")
        assert many == "a,b"  # an edge may join them

    def test_cookies_come_and_go(self, testbed: Testbed) -> None:
        response = testbed.request("GET", "/cookies", api="Api", headers={"cookie": "a=1; b=2"})

        assert response.json()["seen"] == {"a": "1", "b": "2"}
        assert [line.partition(";")[0] for line in response.cookies] == ["session=abc", "theme=dark"]
        assert "HttpOnly" in response.cookies[0]

    def test_a_binary_body_arrives_and_returns_whole(self, testbed: Testbed) -> None:
        body = bytes(range(256)) * 4
        response = testbed.request(
            "POST", "/echo", api="Api", body=body, headers={"content-type": "application/octet-stream"}
        )
        answer = testbed.request("GET", "/binary", api="Api")

        assert base64.b64decode(response.json()["body"]) == body
        assert answer.body == bytes(range(256))
        assert answer.headers.get("content-type") == "image/png"

    def test_status_and_repeated_headers_are_the_handlers(self, testbed: Testbed) -> None:
        response = testbed.request("GET", "/many_headers", api="Api")

        assert response.status == 207
        assert ",".join(response.headers.get_all("x-part")).replace(" ", "") == "one,two"
        assert response.headers.get("cache-control") == "no-store"

    def test_nothing_is_204_and_data_is_json(self, testbed: Testbed) -> None:
        empty = testbed.request("GET", "/nothing", api="Api")
        data = testbed.request("GET", "/value", api="Api")

        assert (empty.status, empty.body) == (204, b"")
        assert (data.status, data.json(), data.content_type) == (200, [{"a": 1}, None, "é"], "application/json")

    def test_head_answers_as_get_does_without_the_body(self, testbed: Testbed) -> None:
        head = testbed.request("HEAD", "/value", api="Api")

        assert (head.status, head.body) == (200, b"")
        assert head.content_type == "application/json"

    def test_options_tells_the_allowed_methods(self, testbed: Testbed) -> None:
        response = testbed.request("OPTIONS", "/echo", api="Api")

        assert response.status == 204
        assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= _allowed(response)

    @pytest.mark.parametrize(
        "path", ["/nowhere", "/", "/echo/more", "/items", "/Echo", "/items/7/parts", "//echo", "/echo%2Fmore"]
    )
    def test_an_unknown_path_is_404(self, testbed: Testbed, path: str) -> None:
        self._check_problem(testbed.request("GET", path, api="Api"), 404)

    @pytest.mark.parametrize(
        "path", ["/files/../echo", "/files/%2e%2e/%2e%2e/etc/passwd", "/files/a%00b", "/%ff", "/files/a%2Fb", "/%"]
    )
    def test_a_path_trick_gets_a_clear_answer(self, testbed: Testbed, path: str) -> None:
        response = testbed.request("GET", path, api="Api")

        assert response.status in (200, 400, 404)
        if response.status == 200 and path.startswith("/files/"):
            assert response.json()["params"].keys() <= {"path"}

    def test_a_wrong_method_is_405_with_the_allowed_ones(self, testbed: Testbed) -> None:
        response = testbed.request("DELETE", "/items/7", api="Api")

        self._check_problem(response, 405)
        assert "GET" in _allowed(response)
        assert "DELETE" not in _allowed(response)

    def test_an_unexpected_exception_is_500_and_tells_nothing_but_the_correlation_id(self, testbed: Testbed) -> None:
        response = testbed.request("GET", "/broken", api="Api", headers={"x-correlation-id": "look-me-up"})

        problem = self._check_problem(response, 500)
        assert "look-me-up" in problem.values()
        assert HIDDEN not in response.body.decode()
        assert "RuntimeError" not in response.body.decode()

    def test_a_handler_that_overruns_its_timeout_is_answered_for(self, testbed: Testbed) -> None:
        response = testbed.request("GET", "/slow", api="Api")

        self._check_problem(response, 504)

    def test_a_result_without_a_meaning_is_500(self, testbed: Testbed) -> None:
        response = testbed.request("GET", "/nonsense", api="Api")

        self._check_problem(response, 500)
        assert "object" not in response.body.decode()

    def test_an_http_error_is_a_problem_document_with_its_members(self, testbed: Testbed) -> None:
        problem = self._check_problem(testbed.request("GET", "/refused", api="Api"), 409)

        assert (problem["title"], problem["detail"], problem["owner"]) == ("Conflict", "it is taken", "somebody")

    def test_an_http_error_may_have_any_status_and_headers(self, testbed: Testbed) -> None:
        response = testbed.request("GET", "/teapot", api="Api")

        assert self._check_problem(response, 418)["title"] == "I'm a teapot"
        assert response.headers.get("retry-after") == "60"

    def test_a_given_correlation_id_is_kept_and_a_missing_one_is_made(self, testbed: Testbed) -> None:
        given = testbed.request("GET", "/echo", api="Api", headers={"x-correlation-id": "mine-1"})
        made = testbed.request("GET", "/echo", api="Api")

        assert given.json()["correlation"] == given.headers.get("x-correlation-id") == "mine-1"
        assert made.json()["correlation"] == made.headers.get("x-correlation-id") != ""

    @pytest.mark.parametrize("forged", ["", "x" * 129, "a b"])
    def test_a_correlation_id_that_is_not_sane_is_replaced(self, testbed: Testbed, forged: str) -> None:
        seen = testbed.request("GET", "/echo", api="Api", headers={"x-correlation-id": forged}).json()["correlation"]

        assert seen
        assert seen != forged

    def _check_problem(self, response: HttpResponse, status: int) -> dict[str, object]:
        """Check that the answer is a problem document of this status, and return it."""
        assert response.status == status
        assert response.content_type == "application/problem+json"
        problem: dict[str, object] = response.json()
        assert problem["status"] == status
        assert problem["title"]
        return problem


def _with_cors(app: App) -> None:
    app.api("Site", cors=Cors(origins=["https://example.com"]))


class CorsContract(Contract):
    """Who may call an api from a browser."""

    @requires("api.cors", _with_cors)
    def test_a_preflight_of_an_allowed_origin_is_granted(self, testbed: Testbed) -> None:
        response = testbed.request("OPTIONS", "/page", api="Site", headers=_preflight("https://example.com"))

        assert response.status == 204
        assert response.headers.get("access-control-allow-origin") == "https://example.com"
        assert response.headers.get("access-control-allow-credentials") == "true"
        assert response.headers.get("access-control-max-age") == "60"
        assert "POST" in response.headers["access-control-allow-methods"]
        assert "content-type" in response.headers["access-control-allow-headers"].lower()

    @requires("api.cors", _with_cors)
    def test_a_preflight_of_another_origin_is_not_granted(self, testbed: Testbed) -> None:
        response = testbed.request("OPTIONS", "/page", api="Site", headers=_preflight("https://evil.example"))

        assert "access-control-allow-origin" not in response.headers

    @requires("api.cors", _with_cors)
    @pytest.mark.parametrize(("path", "status"), [("/page", 200), ("/broken", 500), ("/nowhere", 404)])
    def test_every_answer_to_an_allowed_origin_may_be_read(self, testbed: Testbed, path: str, status: int) -> None:
        response = testbed.request("GET", path, api="Site", headers={"origin": "https://example.com"})

        assert response.status == status
        assert response.headers.get_all("access-control-allow-origin") == ["https://example.com"]
        assert "origin" in response.headers.get("vary", "").lower()

    @requires("api.cors", _with_cors)
    def test_an_answer_to_another_origin_may_not_be_read(self, testbed: Testbed) -> None:
        response = testbed.request("GET", "/page", api="Site", headers={"origin": "https://evil.example"})

        assert "access-control-allow-origin" not in response.headers

    def test_an_api_without_cors_grants_nothing(self, testbed: Testbed) -> None:
        response = testbed.request("OPTIONS", "/echo", api="Api", headers=_preflight("https://example.com"))

        assert "access-control-allow-origin" not in response.headers


def _preflight(origin: str) -> dict[str, str]:
    return {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }


def _allowed(response: HttpResponse) -> set[str]:
    return {method.strip() for method in response.headers.get("allow", "").split(",")}
