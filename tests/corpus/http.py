"""Recorded translations: an AWS event and the request that it means, or a response and the answer that it becomes.

They are compared by what they mean, not by how they are written: the parameters of a query and not its escapes, the
bytes that a client gets and not whether they travelled as base64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

from isthmus.http.headers import CONNECTION_HEADERS
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.ports import Provider
from tests.corpus.answers import Answer, answer_of, joined
from tests.corpus.index import objects
from tests.corpus.report import CollectionError, Outcome

INDEX = "http_translation_cases.jsonl"
FOLDERS = ("", "mangum")
"""Where the index lies within a collection."""

HANDLERS = ("ALB", "APIGateway", "HTTPGateway")
"""The services of which a case may be; of any other, Isthmus has no trigger."""

EDGE = "no trigger of Isthmus delivers CloudFront's events, which call functions at its edge"


@dataclass(frozen=True, slots=True)
class Deliberate:
    """A difference that is meant: in which field, what that should be instead, and the reason, with AWS's page."""

    field: str
    instead: Callable[[Mapping[str, Any], Any], Any]
    reason: str


def _without_mapping(case: Mapping[str, Any], path: str) -> str:
    event = case["event"]
    params: Mapping[str, str] = event.get("pathParameters") or {}
    proxied = f"/{params.get('proxy')}"
    return proxied if event.get("resource") == "/{proxy+}" and path.endswith(proxied) else path


def _without_type(case: Mapping[str, Any], headers: Mapping[str, str]) -> Mapping[str, str]:
    made_up = case["event"].get("version") == "2.0" and "content-type" not in _given(case)
    return {name: value for name, value in headers.items() if not (made_up and name == "content-type")}


def _with_excluded(case: Mapping[str, Any], headers: Mapping[str, str]) -> Mapping[str, str]:
    excluded = {name.lower() for name in case["config"].get("exclude_headers", ())}
    return {**headers, **{name: value for name, value in _given(case).items() if name in excluded}}


def _without_connection(_case: Mapping[str, Any], headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in headers.items() if name not in CONNECTION_HEADERS}


def _given(case: Mapping[str, Any]) -> dict[str, str]:
    return joined((plain(name).decode(), plain(value).decode()) for name, value in case["asgi_response"]["headers"])


GATEWAY = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"

DELIBERATE: Mapping[str, Deliberate] = {
    "mapping": Deliberate(
        "path",
        _without_mapping,
        "{proxy+} captures the whole path below its resource, so what stands before it is a custom domain's mapping, "
        f"and no part of the api's own path: {GATEWAY}api-gateway-set-up-simple-proxy.html",
    ),
    "type": Deliberate(
        "answered headers",
        _without_type,
        "payload 2.0 takes an answer for JSON only where it has no statusCode, so that what a handler sends without a "
        f"type is not said to be of one: {GATEWAY}http-api-develop-integrations-lambda.html",
    ),
    "exclude": Deliberate(
        "answered headers",
        _with_excluded,
        "to leave headers out is a setting of the framework that was recorded; the services take any: "
        f"{GATEWAY}set-up-lambda-proxy-integrations.html",
    ),
    "connection": Deliberate(
        "answered headers",
        _without_connection,
        "what belongs to one connection is the service's to write: the length is made from the body, and the others "
        f"are not passed on: {GATEWAY}api-gateway-known-issues.html",
    ),
}
"""The closed list of differences that are meant."""


def run(directory: Path, providers: Mapping[str, Provider]) -> Iterator[Outcome]:
    """Yield what came of each case of the index in `directory`, with the codec of the provider "aws"."""
    for row in objects(directory, _index(directory)):
        yield row if isinstance(row, Outcome) else _case(row[0], row[1], providers)


def _index(directory: Path) -> str:
    names = [f"{folder}/{INDEX}".lstrip("/") for folder in FOLDERS]
    found = [name for name in names if (directory / name).is_file()]
    if not found:
        raise CollectionError(f"{directory} is not a folder that holds {' or '.join(names)}")
    return found[0]


def _case(name: str, case: Mapping[str, Any], providers: Mapping[str, Provider]) -> Outcome:
    name = str(case.get("id") or name)
    if "aws" not in providers:
        return Outcome(name, "not applicable", "the aws provider is not installed")
    if case.get("handler") not in HANDLERS:
        return Outcome(name, "not applicable", EDGE)
    try:
        expected, actual = _sides(case, providers["aws"].codecs["http"])
        reasons = _correct(expected, case)
    except Exception as error:  # whatever goes wrong is a disagreement with the case, and not the end of the run
        return Outcome(name, "differ", f"{type(error).__name__}: {error}")
    told = [
        f"{field} is {actual[field]!r}, not {value!r}" for field, value in expected.items() if actual[field] != value
    ]
    if told:
        return Outcome(name, "differ", "; ".join(told))
    return (
        Outcome(name, "not applicable", f"differs on purpose: {'; '.join(reasons)}")
        if reasons
        else Outcome(name, "agree")
    )


def _correct(expected: dict[str, Any], case: Mapping[str, Any]) -> list[str]:
    """Put into `expected` what is meant instead, and return the reasons."""
    reasons: list[str] = []
    for entry in DELIBERATE.values():
        if entry.field in expected:
            instead = entry.instead(case, expected[entry.field])
            if instead != expected[entry.field]:
                expected[entry.field] = instead
                reasons.append(entry.reason)
    return reasons


def _sides(case: Mapping[str, Any], codec: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a case expects, by field, and what the codec makes of it."""
    request: HttpRequest = codec.decode(_text(case["event"]))
    if case["what"] == "scope":
        return _expected_request(case), _actual_request(request)
    answer = codec.encode(_response(case["asgi_response"]), request)
    return _fields(answer_of(case["lambda_response"])), _fields(answer_of(answer))


def _expected_request(case: Mapping[str, Any]) -> dict[str, Any]:
    scope = case["scope"]
    return {
        "method": scope["method"],
        "path": scope["path"],
        "query": sorted(parse_qsl(plain(scope["query_string"]).decode(), keep_blank_values=True)),
        "headers": joined((plain(name).decode(), plain(value).decode()) for name, value in scope["headers"]),
        "scheme": scope["scheme"],
        "host": scope["server"][0],
        "client": scope["client"][0] or "",
        "body": plain(case["body"]),
    }


def _actual_request(request: HttpRequest) -> dict[str, Any]:
    query = sorted(request.query.items())
    if query != sorted(parse_qsl(request.query_string, keep_blank_values=True)):
        raise AssertionError(f"the query {query} is not that of {request.query_string!r}")
    return {
        "method": request.method,
        "path": unquote(request.path),
        "query": query,
        "headers": joined(request.headers.items()),
        "scheme": request.scheme,
        "host": request.host.partition(":")[0],
        "client": request.client_ip,
        "body": request.body,
    }


def _fields(answer: Answer) -> dict[str, Any]:
    return {
        "status": answer.status,
        "answered headers": answer.headers,
        "cookies": answer.cookies,
        "answered body": answer.body,
    }


def _response(recorded: Mapping[str, Any]) -> HttpResponse:
    headers = [(plain(name).decode("latin-1"), plain(value).decode("latin-1")) for name, value in recorded["headers"]]
    return HttpResponse(plain(recorded["body"]), status=recorded["status"], headers=headers)


def plain(recorded: Mapping[str, str]) -> bytes:
    """Return the bytes of `{"$bytes": text}` or `{"$b64": base64}`."""
    from base64 import b64decode

    return recorded["$bytes"].encode() if "$bytes" in recorded else b64decode(recorded["$b64"])


def _text(event: Any) -> Any:
    """Return an event with the bytes in it as text, which is all that an event of Lambda can hold."""
    if isinstance(event, dict):
        fields = cast("dict[str, Any]", event)
        if fields.keys() in ({"$bytes"}, {"$b64"}):
            return plain(fields).decode()
        return {name: _text(value) for name, value in fields.items()}
    return event
