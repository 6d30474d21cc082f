"""Answers in the form that each service takes: a body that is no UTF-8 travels as base64.

A `correlation_id` is added where the response has none of its own.
"""

from __future__ import annotations

from isthmus._typing import Any, Sequence
from isthmus.envelope import CORRELATION_HEADER
from isthmus.http.headers import CONNECTION_HEADERS
from isthmus.http.response import JSON_ALONE, HttpResponse

COOKIE = "set-cookie"

_JSON_HEADERS = dict(JSON_ALONE)
_APART = CONNECTION_HEADERS | {COOKIE}


def gateway_2(response: HttpResponse, *, head: bool, correlation_id: str = "") -> dict[str, Any]:
    """Return an answer of payload 2.0: repeated headers are joined, and cookies are by themselves.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    answer = _answer(response, head)
    answer["headers"], cookies = _joined(response, correlation_id)
    if cookies:
        answer["cookies"] = cookies
    return answer


def gateway_1(response: HttpResponse, *, head: bool, correlation_id: str = "") -> dict[str, Any]:
    """Return an answer of payload 1.0.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    answer = _answer(response, head)
    answer["multiValueHeaders"] = _listed(response, correlation_id)
    return answer


def balancer_multiple(response: HttpResponse, *, head: bool, correlation_id: str = "") -> dict[str, Any]:
    """Return an answer for a load balancer that has multi-value headers enabled, and then takes no others.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
    """
    answer = gateway_1(response, head=head, correlation_id=correlation_id)
    answer["statusDescription"] = _description(response.status)
    return answer


def balancer_single(response: HttpResponse, *, head: bool, correlation_id: str = "") -> dict[str, Any]:
    """Return an answer for a load balancer that takes one value of each header.

    Names of headers differ there by case, so that each cookie can have a `set-cookie` of its own.
    """
    headers, cookies = _joined(response, correlation_id)
    for number, line in enumerate(cookies):
        headers[_cased(number)] = line
    answer = _answer(response, head)
    answer["headers"] = headers
    answer["statusDescription"] = _description(response.status)
    return answer


def _answer(response: HttpResponse, head: bool) -> dict[str, Any]:
    status = int(response.status)
    if head or status in {204, 304}:
        return {"statusCode": status, "body": "", "isBase64Encoded": False}
    try:
        return {"statusCode": status, "body": str(response.body, "utf-8"), "isBase64Encoded": False}
    except UnicodeDecodeError:
        from binascii import b2a_base64

        text = b2a_base64(response.body, newline=False).decode()
        return {"statusCode": status, "body": text, "isBase64Encoded": True}


def _joined(response: HttpResponse, correlation_id: str) -> tuple[dict[str, str], list[str]]:
    """Return each header once, its values joined, and the cookies, which must not be joined."""
    pairs = response.header_pairs()
    if pairs is JSON_ALONE:  # the usual answer, in which there is nothing to join
        headers, cookies = _JSON_HEADERS.copy(), response.cookies
    else:
        headers, cookies = _folded(pairs, response.cookies)
    if correlation_id:
        headers.setdefault(CORRELATION_HEADER, correlation_id)
    return headers, cookies


def _folded(pairs: Sequence[tuple[str, str]], cookies: list[str]) -> tuple[dict[str, str], list[str]]:
    headers: dict[str, str] = {}
    for name, value in pairs:
        folded = name.lower()
        if folded not in _APART:
            headers[folded] = f"{headers[folded]}, {value}" if folded in headers else value
        elif folded == COOKIE:
            cookies = [*cookies, value]
    return headers, cookies


def _listed(response: HttpResponse, correlation_id: str) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for name, value in response.wire_headers():
        folded = name.lower()
        if folded not in CONNECTION_HEADERS:
            headers.setdefault(folded, []).append(value)
    if correlation_id:
        headers.setdefault(CORRELATION_HEADER, [correlation_id])
    return headers


def _cased(number: int) -> str:
    """Return `set-cookie`, or for each further number another way to write it."""
    letters = [*COOKIE]
    places = [place for place, letter in enumerate(letters) if letter != "-"]
    for bit, place in enumerate(places):
        if number >> bit & 1:
            letters[place] = letters[place].upper()
    return "".join(letters)


def _description(status: int) -> str:
    from http import HTTPStatus

    try:
        return f"{int(status)} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{int(status)} Unknown"
