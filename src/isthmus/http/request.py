"""An HTTP request, as a handler gets it from every provider."""

from __future__ import annotations

from isthmus._typing import TYPE_CHECKING, Any, Pairs, TypeVar, overload
from isthmus.http.body import decode_text, read_json
from isthmus.http.headers import Headers
from isthmus.http.multi import MultiDict
from isthmus.http.query import parse_query

if TYPE_CHECKING:  # most requests carry no form: its module is imported with the first
    from isthmus.http.form import Form

T = TypeVar("T")


class HttpRequest:
    """One request. What a handler does not read is never parsed.

    `method`; `path` as received, percent-encoded; `params`, the decoded path parameters; `raw`, the provider's event.

    A provider's adapter derives from this class, gives no more than those four to the constructor, and overrides the
    `_read_…` methods: each is called when what it reads is first asked for, and but for the host and the content type
    only once.
    """

    __slots__ = (
        "_body",
        "_client_ip",
        "_cookies",
        "_headers",
        "_query",
        "_query_string",
        "_scheme",
        "_state",
        "method",
        "params",
        "path",
        "raw",
    )

    def __init__(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        query_string: str | None = None,
        headers: Pairs | None = None,
        body: bytes | None = None,
        scheme: str | None = None,
        client_ip: str | None = None,
        raw: Any = None,
    ) -> None:
        self.method = method
        self.path = path
        self.params = {} if params is None else params
        self.raw = raw
        self._query_string = query_string
        self._headers = None if headers is None else Headers(headers)
        self._body = body
        self._scheme = scheme
        self._client_ip = client_ip
        self._query: MultiDict | None = None
        self._cookies: dict[str, str] | None = None
        self._state: dict[str, Any] | None = None

    def _receive(self, method: str, path: str, params: dict[str, str], raw: Any) -> None:
        # What the constructor of an adapter's class needs of this one, without the price of all its keywords.
        self.method = method
        self.path = path
        self.params = params
        self.raw = raw
        self._query_string = None
        self._headers = None
        self._body = None
        self._scheme = None
        self._client_ip = None
        self._query = None
        self._cookies = None
        self._state = None

    def _read_headers(self) -> Headers:
        return Headers()

    def _read_content_type(self) -> str:
        # To be overridden where one header can be looked up without reading all of them.
        return self.headers.get("content-type", "")

    def _read_body(self) -> bytes:
        return b""

    def _read_query_string(self) -> str:
        return ""

    def _read_scheme(self) -> str:
        return "https"

    def _read_host(self) -> str:
        return self.headers.get("host", "")

    def _read_client_ip(self) -> str:
        return ""

    def _read_query(self) -> MultiDict:
        return MultiDict(parse_query(self.query_string))

    def _read_cookies(self) -> dict[str, str]:
        from isthmus.http.cookies import parse_cookies

        return parse_cookies(self.headers.get_all("cookie"))

    @property
    def headers(self) -> Headers:
        """The headers, found regardless of case, repeated ones kept."""
        if self._headers is None:
            self._headers = self._read_headers()
        return self._headers

    @property
    def body(self) -> bytes:
        """The body as it came, without any content coding undone."""
        if self._body is None:
            self._body = self._read_body()
        return self._body

    @property
    def query_string(self) -> str:
        """What follows the question mark, percent-encoded."""
        if self._query_string is None:
            self._query_string = self._read_query_string()
        return self._query_string

    @property
    def query(self) -> MultiDict:
        """The decoded parameters of the query string, repeated and blank ones kept."""
        if self._query is None:
            self._query = self._read_query()
        return self._query

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name; what is malformed is left out."""
        if self._cookies is None:
            self._cookies = self._read_cookies()
        return self._cookies

    @property
    def state(self) -> dict[str, Any]:
        """What middleware leaves for the handler, such as claims."""
        if self._state is None:
            self._state = {}
        return self._state

    @property
    def scheme(self) -> str:
        """How the client speaks to the api: https, unless the provider tells otherwise."""
        if self._scheme is None:
            self._scheme = self._read_scheme()
        return self._scheme

    @property
    def host(self) -> str:
        """The host, and the port where it has one, that the client asked."""
        return self._read_host()

    @property
    def client_ip(self) -> str:
        """The address of the client; "" where the provider does not tell."""
        if self._client_ip is None:
            self._client_ip = self._read_client_ip()
        return self._client_ip

    @property
    def content_type(self) -> str:
        """The media type of the body in lower case, without parameters; "" where the request names none."""
        return self._read_content_type().partition(";")[0].strip().lower()

    @property
    def url(self) -> str:
        """The whole address as the client knows it; without scheme and host where those are not known."""
        query = f"?{self.query_string}" if self.query_string else ""
        return f"{self.scheme}://{self.host}{self.path}{query}" if self.host else self.path + query

    def text(self) -> str:
        """Return the body as text in the charset it names, or UTF-8; 400 where it is not."""
        return decode_text(self.body, self._read_content_type())

    def json(self) -> Any:
        """Return the body parsed from JSON; 415 for another content type, 400 for what is not JSON."""
        return read_json(self.body, self._read_content_type())

    def form(self) -> Form:
        """Return the fields and files of the form; 415 for another content type, 400 or 413 for what cannot be read."""
        from isthmus.http.form import read_form

        return read_form(self.body, self._read_content_type())

    @overload
    def parse(self, type: type[T]) -> T: ...
    @overload
    def parse(self, type: Any) -> Any: ...
    def parse(self, type: Any) -> Any:
        """Return the JSON body, or the form, as a validated `type`; 422 names each field at fault.

        `type` is a dataclass, a TypedDict, a msgspec struct, a pydantic model, or a type made of these and of lists.
        """
        from isthmus.parsing import parse

        if self.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
            return parse(self.form().to_lists(), type, text=True)
        return parse(self.json(), type)

    def __repr__(self) -> str:
        return f"<HttpRequest {self.method} {self.path}>"
