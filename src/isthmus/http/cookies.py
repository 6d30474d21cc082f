"""Cookies: what a browser sent, and the line that sets one (RFC 6265)."""

from __future__ import annotations

from isthmus._typing import Iterable, Literal
from isthmus.errors import InvalidValueError
from isthmus.http.headers import is_token


def parse_cookies(lines: Iterable[str]) -> dict[str, str]:
    """Return the cookies of `Cookie` headers; malformed ones are skipped, the first of a name wins."""
    # A browser sends the cookie of the longest path first.
    cookies: dict[str, str] = {}
    for line in lines:
        for part in line.split(";"):
            name, equals, value = part.partition("=")
            name = name.strip()
            if equals and name:
                cookies.setdefault(name, _unquoted(value.strip()))
    return cookies


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def cookie_line(
    name: str,
    value: str,
    *,
    max_age: int | None = None,
    path: str = "/",
    domain: str = "",
    secure: bool = True,
    http_only: bool = True,
    same_site: Literal["Strict", "Lax", "None"] | None = "Lax",
) -> str:
    """Return the value of a `Set-Cookie` header; `InvalidValueError` for what a cookie cannot hold."""
    _check(name, value, path=path, domain=domain, secure=secure, same_site=same_site)
    attributes = [
        f"{name}={value}",
        f"Max-Age={max_age}" if max_age is not None else "",
        f"Path={path}" if path else "",
        f"Domain={domain}" if domain else "",
        "Secure" if secure else "",
        "HttpOnly" if http_only else "",
        f"SameSite={same_site}" if same_site else "",
    ]
    return "; ".join(filter(None, attributes))


def _check(name: str, value: str, *, path: str, domain: str, secure: bool, same_site: str | None) -> None:
    if not is_token(name):
        raise InvalidValueError(f"{name!r} cannot be the name of a cookie: letters, digits, - and _ are safe")
    if not _printable(value, ' ",;\\'):
        raise InvalidValueError(
            f"the value of cookie {name!r} holds what a cookie cannot: percent-encode it (urllib.parse.quote)"
        )
    if not (_printable(path, ";") and _printable(domain, "; ,")):
        raise InvalidValueError(f"the path or the domain of cookie {name!r} holds a character that it cannot")
    if same_site not in ("Strict", "Lax", "None", None):
        raise InvalidValueError(f"same_site of cookie {name!r} is {same_site!r}: Strict, Lax or None")
    if same_site == "None" and not secure:
        raise InvalidValueError(f"cookie {name!r}: browsers refuse SameSite=None without secure=True")


def _printable(text: str, but: str) -> bool:
    return text.isascii() and text.isprintable() and not any(character in but for character in text)
