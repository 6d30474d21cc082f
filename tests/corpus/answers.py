"""What a client gets of an answer in any of the forms that AWS takes from a function."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (each name once, its values joined), cookies and the bytes of the body."""

    status: int
    headers: Mapping[str, str]
    cookies: list[str]
    body: bytes


def answer_of(form: Mapping[str, Any]) -> Answer:
    """Return what a client gets of an answer of payload 1.0 or 2.0, or for a load balancer."""
    pairs = list(_pairs(form))
    headers = joined((name, value) for name, value in pairs if name != "set-cookie")
    cookies = [value for name, value in pairs if name == "set-cookie"]
    body = b64decode(form["body"], validate=True) if form.get("isBase64Encoded") else form.get("body", "").encode()
    return Answer(form["statusCode"], headers, [*cookies, *form.get("cookies", [])], body)


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return each header once: values of a repeated one are joined with commas, as an edge may do (RFC 9110, 5.3)."""
    headers: dict[str, list[str]] = {}
    for name, value in pairs:
        headers.setdefault(name.lower(), []).extend(part.strip() for part in value.split(","))
    return {name: ",".join(values) for name, values in headers.items()}


def _pairs(form: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    several: Mapping[str, list[str]] = form.get("multiValueHeaders") or {}
    single: Mapping[str, str] = form.get("headers") or {}
    folded = {name.lower() for name in several}
    for name, value in single.items():
        if name.lower() not in folded:  # where both are given, API Gateway takes the list
            yield name.lower(), value
    for name, values in several.items():
        yield from ((name.lower(), value) for value in values)
