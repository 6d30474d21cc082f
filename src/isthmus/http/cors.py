"""Cross-origin rules (CORS): one policy, for a gateway and for middleware alike."""

from __future__ import annotations

from isthmus._typing import Iterable, Sequence
from isthmus.errors import InvalidValueError
from isthmus.http.headers import Headers, is_token
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse

_LABEL = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


class CorsPolicy:
    """Who may call from a browser: origins such as `https://example.com`, `https://*.example.com` (one label), or `*`.

    A browser writes an origin in one way only, so that it is compared as it stands: scheme, host and port. `methods`
    and `headers` may be `*` too. With `credentials`, neither `*` nor `null` can be an origin: any page could then act
    in the name of whoever is signed in.
    """

    __slots__ = ("_any", "_exact", "_wild", "credentials", "expose", "headers", "max_age", "methods")

    def __init__(
        self,
        *,
        origins: Sequence[str],
        methods: Sequence[str] = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"),
        headers: Sequence[str] = ("content-type", "authorization"),
        expose: Sequence[str] = (),
        credentials: bool = False,
        max_age: int = 600,
    ) -> None:
        faults = origin_faults(origins, credentials=credentials)
        if faults:
            raise InvalidValueError("; ".join(faults))
        origins = [origin.lower() for origin in origins]
        self._any = "*" in origins
        self._exact = frozenset(origin for origin in origins if "*" not in origin)
        self._wild = [_halves(origin) for origin in origins if "://*." in origin]
        self.methods = methods
        self.headers = [name.lower() for name in headers]
        self.expose = expose
        self.credentials = credentials
        self.max_age = max_age

    def allows(self, origin: str) -> bool:
        """Tell whether the pages of `origin` may call."""
        if not origin:
            return False
        return self._any or origin in self._exact or any(_fits(origin, before, after) for before, after in self._wild)

    def preflight(self, request: HttpRequest) -> HttpResponse:
        """Answer the question that a browser asks first: 204, without a grant where the answer is no.

        A refusal looks as API gateways make it: the browser then gives up, and nobody learns the policy.
        """
        asked = request.headers
        response = HttpResponse.empty()
        method = asked.get("access-control-request-method", "")
        headers = _names(asked.get_all("access-control-request-headers"))
        if self._allows_request(method, headers):
            granted = self.apply(asked.get("origin", ""), response)
            if granted:
                self._grant_request(response.headers, method, headers)
        else:
            self._vary(response.headers)
        return response

    def apply(self, origin: str, response: HttpResponse) -> bool:
        """Put the headers on an answer to `origin` ("" where the request named none), and tell whether it may read it.

        The policy is the one owner: whatever the handler said of the kind is replaced.
        """
        headers = response.headers
        for name in [name for name in headers if name.lower().startswith("access-control-")]:
            headers.remove(name)
        self._vary(headers)
        if not self.allows(origin):
            return False
        headers.set("access-control-allow-origin", "*" if self._any else origin)
        if self.credentials:
            headers.set("access-control-allow-credentials", "true")
        if self.expose:
            headers.set("access-control-expose-headers", ", ".join(self.expose))
        return True

    def _allows_request(self, method: str, headers: list[str]) -> bool:
        if not is_token(method) or not ("*" in self.methods or method in self.methods):
            return False
        return all(is_token(name) and ("*" in self.headers or name in self.headers) for name in headers)

    def _grant_request(self, answer: Headers, method: str, headers: list[str]) -> None:
        # A literal * would not do: with credentials it is a name, and it never covers `authorization`.
        methods = [method] if "*" in self.methods else self.methods
        allowed = headers if "*" in self.headers else self.headers
        answer.remove("access-control-expose-headers")
        answer.set("access-control-allow-methods", ", ".join(methods))
        if allowed:
            answer.set("access-control-allow-headers", ", ".join(allowed))
        answer.set("access-control-max-age", str(self.max_age))

    def _vary(self, headers: Headers) -> None:
        named = _names(headers.get_all("vary"))
        if not self._any and "origin" not in named and "*" not in named:
            headers.add("vary", "Origin")


def is_preflight(request: HttpRequest) -> bool:
    """Tell whether a browser asks whether it may send a request from another origin."""
    return (
        request.method == "OPTIONS"
        and "origin" in request.headers
        and "access-control-request-method" in request.headers
    )


def origin_faults(origins: Iterable[str], *, credentials: bool) -> list[str]:
    """Return what is wrong with the origins of a policy; an empty list where nothing is."""
    return [fault for origin in origins for fault in [_origin_fault(origin, credentials=credentials)] if fault]


def _origin_fault(origin: str, *, credentials: bool) -> str:
    if origin in ("*", "null"):
        return (
            f"origin {origin!r} with credentials would let any page act for whoever is signed in" if credentials else ""
        )
    scheme, found, host = origin.partition("://")
    bare = host.removeprefix("*.")
    if not (found and scheme and bare) or not origin.isascii() or not origin.isprintable():
        return f"origin {origin!r} must read like https://example.com, https://*.example.com or *"
    if any(character in bare for character in "*/?#@\\, "):
        return f"origin {origin!r} must be scheme, host and port alone, with at most one *, as the first label"
    name = bare.partition(":")[0]
    if host != bare and "." not in name and name != "localhost":
        return f"origin {origin!r} would cover a whole top-level domain"
    return ""


def _halves(origin: str) -> tuple[str, str]:
    before, _, after = origin.partition("*")
    return before, after


def _fits(origin: str, before: str, after: str) -> bool:
    label = origin[len(before) : len(origin) - len(after)]
    return origin.startswith(before) and origin.endswith(after) and bool(label) and _LABEL.issuperset(label)


def _names(values: list[str]) -> list[str]:
    return [name for name in (part.strip().lower() for part in ",".join(values).split(",")) if name]
