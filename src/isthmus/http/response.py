"""The answer to an HTTP request, alike on every provider."""

from __future__ import annotations

from isthmus._typing import Any, Literal, Mapping, Pairs, Protocol, Sequence, overload
from isthmus.errors import HandlerResultError, InvalidValueError
from isthmus.http.encoding import encode_json
from isthmus.http.headers import Headers
from isthmus.http.multi import pairs_of

_JSON = Headers([("content-type", "application/json")])
"""All headers of the usual answer: it gets a copy of its own only when somebody looks at them."""

JSON_ALONE = _JSON.items()
"""What `header_pairs` returns of it."""


class _MakeJson(Protocol):
    def __call__(self, value: Any, *, status: int = 200, headers: Pairs = ()) -> HttpResponse: ...


class _MakeText(Protocol):
    def __call__(self, text: str, *, status: int = 200, headers: Pairs = ()) -> HttpResponse: ...


class _ReadJson(Protocol):
    def __call__(self) -> Any: ...


class _ReadText(Protocol):
    def __call__(self) -> str: ...


class _Json:
    """`HttpResponse.json(value)` makes a response, `response.json()` reads one."""

    __slots__ = ()

    @overload
    def __get__(self, response: None, owner: type[HttpResponse]) -> _MakeJson: ...
    @overload
    def __get__(self, response: HttpResponse, owner: type[HttpResponse]) -> _ReadJson: ...
    def __get__(self, response: HttpResponse | None, owner: type[HttpResponse]) -> _MakeJson | _ReadJson:
        return _make_json if response is None else _json_of(response)


class _Text:
    """`HttpResponse.text(text)` makes a response, `response.text()` reads one."""

    __slots__ = ()

    @overload
    def __get__(self, response: None, owner: type[HttpResponse]) -> _MakeText: ...
    @overload
    def __get__(self, response: HttpResponse, owner: type[HttpResponse]) -> _ReadText: ...
    def __get__(self, response: HttpResponse | None, owner: type[HttpResponse]) -> _MakeText | _ReadText:
        return _make_text if response is None else response.body.decode


class HttpResponse:
    """A status, headers, cookies to set (`Set-Cookie` values) and a body of bytes.

    A `set-cookie` among the headers is kept with the cookies. Line breaks in a header are refused.
    """

    __slots__ = ("_headers", "body", "cookies", "status")

    json = _Json()
    text = _Text()

    def __init__(
        self,
        body: bytes = b"",
        *,
        status: int = 200,
        content_type: str = "",
        headers: Pairs = (),
    ) -> None:
        _check_status(status)
        if type(body) is not bytes:
            raise InvalidValueError(
                f"a response's body is bytes, not {type(body).__name__}; there are HttpResponse.text, .html and .json"
            )
        self.status = status
        self.body = body
        self.cookies: list[str] = []
        self._headers = Headers()
        self._set_headers(headers, content_type)

    def _set_headers(self, headers: Pairs, content_type: str) -> None:
        for name, value in pairs_of(headers):
            self.headers.add(name, value)
        self.cookies += self.headers.get_all("set-cookie")
        self.headers.remove("set-cookie")
        if content_type and "content-type" not in self.headers:
            self.headers.add("content-type", content_type)

    @property
    def headers(self) -> Headers:
        """The headers, but for the cookies."""
        if self._headers is _JSON:
            self._headers = _JSON.plus(())
        return self._headers

    @headers.setter
    def headers(self, headers: Headers) -> None:
        self._headers = headers

    @staticmethod
    def html(text: str, *, status: int = 200, headers: Pairs = ()) -> HttpResponse:
        """Answer with a page."""
        return HttpResponse(text.encode(), status=status, content_type="text/html; charset=utf-8", headers=headers)

    @staticmethod
    def binary(
        body: bytes,
        *,
        status: int = 200,
        content_type: str = "application/octet-stream",
        headers: Pairs = (),
    ) -> HttpResponse:
        """Answer with bytes, such as a picture."""
        return HttpResponse(body, status=status, content_type=content_type, headers=headers)

    @staticmethod
    def redirect(location: str, *, status: int = 303, headers: Pairs = ()) -> HttpResponse:
        """Send the client to `location`: 303 to be fetched with GET, 307 or 308 with the same method and body."""
        response = HttpResponse(status=status, headers=headers)
        response.headers.set("location", location)
        return response

    @staticmethod
    def empty(*, status: int = 204, headers: Pairs = ()) -> HttpResponse:
        """Answer without a body."""
        return HttpResponse(status=status, headers=headers)

    @staticmethod
    def problem(
        status: int,
        title: str,
        *,
        detail: str = "",
        members: Mapping[str, Any] | None = None,
        headers: Pairs = (),
    ) -> HttpResponse:
        """Answer with a problem document (RFC 9457); `members` are added to it, such as a `type` of your own."""
        document: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
        if detail:
            document["detail"] = detail
        document.update(members or {})
        return HttpResponse(
            encode_json(document), status=status, content_type="application/problem+json", headers=headers
        )

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; "" where there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def set_cookie(
        self,
        name: str,
        value: str,
        *,
        max_age: int | None = None,
        path: str = "/",
        domain: str = "",
        secure: bool = True,
        http_only: bool = True,
        same_site: Literal["Strict", "Lax", "None"] | None = "Lax",
    ) -> None:
        """Let the browser keep a cookie: for `max_age` seconds, or until it is closed."""
        from isthmus.http.cookies import cookie_line

        self.cookies.append(
            cookie_line(
                name,
                value,
                max_age=max_age,
                path=path,
                domain=domain,
                secure=secure,
                http_only=http_only,
                same_site=same_site,
            )
        )

    def delete_cookie(self, name: str, *, path: str = "/", domain: str = "") -> None:
        """Let the browser forget a cookie; `path` and `domain` must be those it was set with."""
        self.set_cookie(name, "", max_age=0, path=path, domain=domain)

    def copy(self, *, extra: Sequence[tuple[str, str]] = ()) -> HttpResponse:
        """Return a response that can be changed without changing this one; `extra` headers are added as they are."""
        copied = HttpResponse.__new__(HttpResponse)  # what was checked once need not be checked again
        copied.status = self.status
        copied.body = self.body
        copied.cookies = self.cookies.copy()
        copied._headers = self._headers.plus(extra)
        return copied

    def header_pairs(self) -> Sequence[tuple[str, str]]:
        """Return each header, without the cookies: for who only writes them out."""
        return JSON_ALONE if self._headers is _JSON else self._headers.items()

    def wire_headers(self) -> list[tuple[str, str]]:
        """Return each header as it goes out, a `set-cookie` for each cookie included."""
        headers = list(self.header_pairs())
        if self.cookies:
            headers += [("set-cookie", line) for line in self.cookies]
        return headers

    def __repr__(self) -> str:
        return f"<HttpResponse {self.status}, {len(self.body)} bytes>"


def _check_status(status: int) -> None:
    if not 200 <= status <= 599:
        raise InvalidValueError(f"a response's status is 200 to 599, not {status!r}")


def _make_json(value: Any, *, status: int = 200, headers: Pairs = ()) -> HttpResponse:
    if not headers:  # the usual answer, without the checks that it cannot fail
        if not 200 <= status <= 599:
            _check_status(status)
        response = HttpResponse.__new__(HttpResponse)
        response.status = status
        response.body = encode_json(value)
        response.cookies = []
        # The setter would take longer than all but the writing of the JSON.
        response._headers = _JSON  # pyright: ignore[reportPrivateUsage]
        return response
    return HttpResponse(encode_json(value), status=status, content_type="application/json", headers=headers)


def _json_of(response: HttpResponse) -> _ReadJson:
    def read() -> Any:
        import json

        return json.loads(response.body)

    return read


def _make_text(text: str, *, status: int = 200, headers: Pairs = ()) -> HttpResponse:
    return HttpResponse(text.encode(), status=status, content_type="text/plain; charset=utf-8", headers=headers)


def _check_sound(response: Any) -> None:
    """Refuse what a handler has made of a response by setting its attributes, which nothing checks by itself."""
    status = response.status
    if not (isinstance(status, int) and 200 <= status <= 599):
        raise HandlerResultError(f"a response's status is 200 to 599, not {status!r:.80}")
    if not isinstance(response.body, bytes):
        raise HandlerResultError(f"a response's body is bytes, not {type(response.body).__name__}")
    if not isinstance(response._headers, Headers):
        raise HandlerResultError(
            f"a response's headers are `Headers`, not {type(response.headers).__name__}: "
            "HttpResponse(headers=…), or response.headers.set(name, value)"
        )
    if response.cookies and not all(map(_is_cookie_line, response.cookies)):
        raise HandlerResultError("a response's cookies are lines of printable ASCII: response.set_cookie(name, value)")


def _is_cookie_line(line: object) -> bool:
    return isinstance(line, str) and line.isascii() and line.isprintable()


def as_response(result: Any) -> HttpResponse:
    """Return the response that a handler's result means; `HandlerResultError` for one that means none."""
    if isinstance(result, HttpResponse):
        _check_sound(result)
        return result
    if isinstance(result, (dict, list)):
        return _make_json(result)
    if isinstance(result, str):
        return _make_text(result)
    if isinstance(result, bytes):
        return HttpResponse.binary(result)
    if result is None:
        return HttpResponse.empty()
    raise HandlerResultError(
        f"an HTTP handler returned {type(result).__name__}; it may return an HttpResponse, a dict or a list (JSON), "
        "a str (text), bytes, or None (204, no body)"
    )
