"""Bearer tokens (RFC 6750) in front of a handler: who calls is known before it runs."""

from __future__ import annotations

from isthmus import event_loop
from isthmus._typing import Any, Callable
from isthmus.context import Context
from isthmus.errors import BadRequestError, IsthmusError, UnauthorizedError
from isthmus.http.request import HttpRequest
from isthmus.middleware.compose import Middleware, Next

_TOKEN = frozenset("-._~+/0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def bearer(verify: Callable[[str], Any], *, realm: str = "") -> Middleware:
    """Let only requests through whose bearer token `verify` accepts; its claims are at `request.state["claims"]`.

    `verify(token)` returns the claims, or refuses by returning None or by raising; it may be `async def`. An `OSError`
    that is no `PermissionError`, and an error of Isthmus such as `ForbiddenError`, pass as they are: a key server that
    is down makes no token invalid. Everyone else is answered with 401, or 400 where the header itself is malformed.
    """
    if not (realm.isascii() and realm.isprintable()) or '"' in realm or "\\" in realm:
        raise ValueError(f"a realm is printable ASCII without quotes and backslashes, not {realm!r}")
    challenge = f'Bearer realm="{realm}"' if realm else "Bearer"

    def check(event: Any, context: Context, next: Next) -> Any:
        if not isinstance(event, HttpRequest):
            raise TypeError(f"bearer() stands before HTTP handlers; this event is a {type(event).__name__}")
        event.state["claims"] = _claims(verify, _token(event, challenge), challenge)
        return next(event, context)

    return check


def _token(request: HttpRequest, challenge: str) -> str:
    values = request.headers.get_all("authorization")
    if len(values) > 1:
        raise _malformed(challenge, "several Authorization headers")
    scheme, _, token = (values[0] if values else "").strip().partition(" ")
    if scheme.lower() != "bearer":
        raise UnauthorizedError("a bearer token is needed", headers={"www-authenticate": challenge})
    token = token.strip(" ")
    bare = token.rstrip("=")
    if not bare or not _TOKEN.issuperset(bare):
        raise _malformed(challenge, "the Authorization header holds no bearer token")
    return token


def _claims(verify: Callable[[str], Any], token: str, challenge: str) -> Any:
    try:
        claims = verify(token)
        if hasattr(claims, "__await__"):  # taken for claims, it would let everybody in
            claims = event_loop.run(claims)
    except Exception as error:
        if _passes(error):
            raise
        why = error.detail if isinstance(error, UnauthorizedError) else type(error).__name__
        raise _refused(challenge, why) from error
    if claims is None or claims is False:
        raise _refused(challenge, "the verifier returned None")
    return claims


def _passes(error: Exception) -> bool:
    if isinstance(error, UnauthorizedError):
        return "www-authenticate" in {name.lower() for name in error.headers}
    return isinstance(error, (IsthmusError, ImportError)) or (
        isinstance(error, OSError) and not isinstance(error, PermissionError)
    )


def _malformed(challenge: str, why: str) -> BadRequestError:
    return BadRequestError(why, headers={"www-authenticate": _with(challenge, "invalid_request", why)})


def _refused(challenge: str, why: str) -> UnauthorizedError:
    import logging

    logging.getLogger("isthmus").warning("a bearer token was refused: %s", why)
    detail = "the token is not valid here"
    return UnauthorizedError(detail, headers={"www-authenticate": _with(challenge, "invalid_token", detail)})


def _with(challenge: str, error: str, description: str) -> str:
    return f'{challenge}{"," if "=" in challenge else ""} error="{error}", error_description="{description}"'
