"""API Gateway: it answers for an OpenAPI document (2.0) by calling the functions that its operations name.

- A path is one of the document's templates, `{name}` a part and `{name=**}` all that is left; any other is 404, a
  method that the template has not is 405. https://cloud.google.com/api-gateway/docs/oasv2-extensions
- `security` asks for a JWT of `x-google-issuer`, signed by a key of `x-google-jwks_uri`, for one of
  `x-google-audiences`; without one that holds the answer is 401.
  https://cloud.google.com/api-gateway/docs/authenticating-users-jwt
- The claims go on in `X-Apigateway-Api-Userinfo`, base64url; nobody else can set it. What came as `Authorization` goes
  on as `X-Forwarded-Authorization`. https://cloud.google.com/api-gateway/docs/authenticate-service-account
- `x-google-backend` says where it goes: `address`, with the path after it (`APPEND_PATH_TO_ADDRESS`) or without
  (`CONSTANT_ADDRESS`, its parameters in the query), a `deadline` (15 s) after which it is 504, and the audience
  (`jwt_audience`, the address by default) of the token that the gateway's own account signs.
  https://cloud.google.com/api-gateway/docs/oasv2-extensions#x-google-backend

A gateway listens below `/_gateway/NAME` here: that stands for its host, whose name nobody could resolve.
"""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import jwt

from tests.emulators.gcp.calls import Answer, Header, Request
from tests.emulators.gcp.dispatch.target import UNANSWERED, Caller
from tests.emulators.gcp.resources import Inputs, Resources, within

GATEWAYS, CONFIGS = "gateway", "api-config"
"""The kinds of deployed gateways, and of what they are to do."""

PREFIX = "/_gateway/"
USERINFO, FORWARDED = b"x-apigateway-api-userinfo", b"x-forwarded-authorization"

_DEADLINE = 15.0
_PARAMETER = re.compile(r"\{(\w+)(=\*\*)?\}")


class Operation(NamedTuple):
    """An operation of the document, and what its template has taken from the path."""

    inputs: Inputs
    parameters: Mapping[str, str]


class Gateways:
    """All gateways."""

    def __init__(self, resources: Resources, caller: Caller) -> None:
        self._resources = resources
        self._caller = caller

    async def answer(self, request: Request) -> Answer | None:
        """Answer a request to a gateway; None for any other."""
        target = request.target.decode("latin-1")
        if not target.startswith(PREFIX):
            return None
        name, _, rest = target.removeprefix(PREFIX).partition("/")
        known = self._resources.all(GATEWAYS)
        found = next((one for path, one in known.items() if path.rpartition("/")[2] == name), None)
        config = found and self._resources.get(CONFIGS, str(found["apiConfig"]))
        if config is None:
            return _refused(404, "there is no such gateway")
        return await Gateway(config, self._caller).answer(request._replace(target=f"/{rest}".encode("latin-1")))


class Gateway:
    """What one gateway does, by its configuration."""

    def __init__(self, config: Inputs, caller: Caller) -> None:
        document: Inputs = config["openapiDocuments"][0]["document"]
        self._document: Mapping[str, Any] = json.loads(b64decode(document["contents"]))
        self._account = within(config, "gatewayConfig", "backendConfig").get("googleServiceAccount", "")
        self._caller = caller

    async def answer(self, request: Request) -> Answer:
        """Answer a request by the function that its operation names."""
        found = self._operation(request)
        if isinstance(found, Answer):
            return found
        claims = await asyncio.to_thread(self._claims, found.inputs, request)
        if isinstance(claims, Answer):
            return claims
        backend: Mapping[str, Any] = {**self._document.get("x-google-backend", {}), **found.inputs["x-google-backend"]}
        audience = backend.get("jwt_audience") or backend["address"]
        own = self._caller.oidc({"serviceAccountEmail": self._account, "audience": audience}, backend["address"])
        headers = [*_kept(request), *_told(claims), *((name.encode(), value.encode()) for name, value in own)]
        deadline = float(backend.get("deadline") or _DEADLINE)
        answer = await self._caller.pass_on(_address(backend, found, request), request, headers, deadline)
        return answer if answer.status != UNANSWERED else _refused(504, "upstream request timeout")

    def _operation(self, request: Request) -> Operation | Answer:
        """Return the operation of a request: that of the template with the most parts that are its own."""
        path = request.path.decode("latin-1")
        matches = [(template, match) for template in self._document["paths"] if (match := _match(template, path))]
        if not matches:
            return _refused(404, "The current request is not defined by this API.")
        template, match = min(matches, key=lambda pair: _looseness(pair[0]))
        operations: Mapping[str, Any] = self._document["paths"][template]
        if request.method.lower() not in operations:
            return _refused(405, "The current request is matched to a url template, but its method is not allowed.")
        return Operation(operations[request.method.lower()], match.groupdict())

    def _claims(self, operation: Inputs, request: Request) -> Mapping[str, Any] | Answer | None:
        """Return the claims of a token, where one is asked for; the refusal where it does not hold."""
        asked: Sequence[Mapping[str, Any]] = operation.get("security", self._document.get("security", ()))
        if not asked:
            return None
        scheme, _, token = request.header(b"authorization").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return _refused(401, "Jwt is missing")
        definition: Mapping[str, Any] = self._document["securityDefinitions"][next(iter(asked[0]))]
        try:
            key = jwt.PyJWKClient(definition["x-google-jwks_uri"]).get_signing_key_from_jwt(token)
            return jwt.decode(
                token,
                key,
                algorithms=["RS256", "ES256"],
                audience=definition["x-google-audiences"].split(","),
                issuer=definition["x-google-issuer"],
            )
        except jwt.PyJWTError as error:
            return _refused(401, f"Jwt verification fails: {error}")


def _match(template: str, path: str) -> re.Match[str] | None:
    pieces = _PARAMETER.split(template)
    expression = "".join(
        re.escape(piece) if place % 3 == 0 else f"(?P<{piece}>{'.+' if pieces[place + 1] else '[^/]+'})"
        for place, piece in enumerate(pieces)
        if place % 3 != 2
    )
    return re.fullmatch(expression, path)


def _looseness(template: str) -> tuple[int, int]:
    found = _PARAMETER.findall(template)
    return sum(bool(rest) for _, rest in found), len(found)


def _address(backend: Mapping[str, Any], operation: Operation, request: Request) -> str:
    """Return where a request goes on to."""
    path, _, query = request.target.decode("latin-1").partition("?")
    address = str(backend["address"]).rstrip("/")
    if backend.get("path_translation") == "APPEND_PATH_TO_ADDRESS":
        return f"{address}{path}" + (f"?{query}" if query else "")
    told = "&".join(
        [*([query] if query else []), *(f"{n}={quote(v, safe='')}" for n, v in operation.parameters.items())]
    )
    return address + (f"?{told}" if told else "")


def _kept(request: Request) -> list[Header]:
    """Return a client's headers: what it claims to be is dropped, its own token goes on under another name."""
    dropped = {USERINFO, b"host", b"connection", b"content-length", b"transfer-encoding"}
    renamed = {b"authorization": FORWARDED}
    return [(renamed.get(name, name), value) for name, value in request.headers if name not in dropped]


def _told(claims: Mapping[str, Any] | None) -> list[Header]:
    if claims is None:
        return []
    return [(USERINFO, urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"="))]


def _refused(status: int, message: str) -> Answer:
    body = json.dumps({"code": status, "message": message}).encode()
    return Answer(status, body, ((b"content-type", b"application/json"),))
