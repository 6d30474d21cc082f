"""A strict verifier of JSON Web Tokens for `bearer`, on PyJWT (the extra `isthmus[jwt]`)."""

from __future__ import annotations

from isthmus._typing import Any, Callable, Mapping, NoReturn, Sequence
from isthmus.errors import InvalidValueError, MissingExtraError, UnauthorizedError
from isthmus.middleware.jwks import KeySet

HMAC = ("HS256", "HS384", "HS512")
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


class JwtVerifier:
    """Verifies a token and returns its claims: `bearer(JwtVerifier(key, algorithms=["RS256"], audience=…, issuer=…))`.

    `key` is a secret or a PEM public key, a JWKS (a dict), or a function that fetches a JWKS; its keys are found by
    `kid`, and fetched anew for one that is not known. Signature, `exp`, `aud` and `iss` are required; `nbf` and `iat`
    must not lie ahead; `leeway` is the seconds by which clocks may differ. Algorithms are those named here, never what
    a token asks for. A token that fails raises `UnauthorizedError`.
    """

    __slots__ = ("_algorithms", "_audience", "_issuer", "_key", "_keys", "_leeway", "_prepared")

    def __init__(
        self,
        key: str | bytes | Mapping[str, Any] | Callable[[], Mapping[str, Any]],
        *,
        algorithms: Sequence[str],
        audience: str | Sequence[str],
        issuer: str | Sequence[str],
        leeway: float = 0,
    ) -> None:
        self._algorithms = _checked_algorithms(algorithms)
        self._audience = _names("audience", audience)
        self._issuer = _names("issuer", issuer)
        self._leeway = leeway
        self._prepared: dict[str, Any] = {}
        if not 0 <= leeway <= 600:
            raise InvalidValueError(f"leeway is 0 to 600 seconds, not {leeway!r}")
        self._key = _checked_key(key, self._algorithms) if isinstance(key, (str, bytes)) else b""
        self._keys = None if isinstance(key, (str, bytes)) else KeySet(key)

    def __call__(self, token: str) -> dict[str, Any]:
        """Return the claims of `token`."""
        jwt = _pyjwt()
        algorithm, key_id = self._header(jwt, token)
        key = self._find(jwt, algorithm, key_id)
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=self._leeway,
                options={"require": ["exp", "aud", "iss"]},
            )
        except Exception as error:  # whatever a hostile token breaks in there, it is not a valid one
            _refuse(f"{type(error).__name__}: {error}", error)
        for name in ("exp", "nbf", "iat"):
            if type(claims.get(name, 0)) not in (int, float):
                _refuse(f"{name} is not a number")
        return claims

    def _header(self, jwt: Any, token: str) -> tuple[str, str | None]:
        try:
            header = jwt.get_unverified_header(token)
        except Exception as error:
            _refuse(f"{type(error).__name__}: {error}", error)
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in self._algorithms:
            _refuse("its algorithm is not allowed")
        if "crit" in header or not isinstance(key_id, (str, type(None))):
            _refuse("its header asks for what is not understood")
        return algorithm, key_id

    def _find(self, jwt: Any, algorithm: str, key_id: str | None) -> Any:
        """Return the key that must have signed; `InvalidValueError` where what was configured is no key."""
        if self._keys is None:
            return self._prepare(jwt, algorithm)
        found = self._keys.find(key_id)
        if found is None:
            _refuse("its key is not known")
        if found.get("alg", algorithm) != algorithm:
            _refuse("its key is for another algorithm")
        try:
            return jwt.PyJWK(found, algorithm).key
        except jwt.PyJWTError as error:
            _refuse("its key is for another kind of algorithm", error)

    def _prepare(self, jwt: Any, algorithm: str) -> Any:
        if algorithm not in self._prepared:
            try:
                self._prepared[algorithm] = jwt.get_algorithm_by_name(algorithm).prepare_key(self._key)
            except (jwt.PyJWTError, ValueError, TypeError) as error:
                raise InvalidValueError(f"the key of JwtVerifier does not fit {algorithm}: {error}") from error
        return self._prepared[algorithm]


def _pyjwt() -> Any:
    try:
        import jwt
    except ImportError:
        raise MissingExtraError("PyJWT", "jwt") from None
    return jwt


def _checked_algorithms(algorithms: Sequence[str]) -> tuple[str, ...]:
    named = () if isinstance(algorithms, str) else tuple(algorithms)
    unknown = [name for name in named if name not in HMAC + SIGNATURES]
    if not named or unknown:
        what = f"{unknown[0]!r} is none" if unknown else "it needs one at least"
        raise InvalidValueError(f"algorithms is a list: {what} of {', '.join(HMAC + SIGNATURES)}")
    if 0 < sum(name in HMAC for name in named) < len(named):
        raise InvalidValueError("algorithms mix secrets (HS…) with public keys: a public key would pass for a secret")
    return named


def _checked_key(key: str | bytes, algorithms: tuple[str, ...]) -> bytes:
    raw = key.encode() if isinstance(key, str) else key
    if algorithms[0] in HMAC:
        if raw.lstrip().startswith((b"-----BEGIN", b"ssh-")):
            raise InvalidValueError(f"a public key is no secret: {algorithms[0]} with it would accept anybody's tokens")
        needed = max(int(name[2:]) // 8 for name in algorithms)
        if len(raw) < needed:
            raise InvalidValueError(f"a secret has {needed} bytes at least (RFC 7518, 3.2); this one has {len(raw)}")
    return raw


def _names(what: str, value: str | Sequence[str]) -> list[str]:
    names = [value] if isinstance(value, str) else list(value)
    if not names or not all(names):
        raise InvalidValueError(f"{what} is required: a token for somebody else must not pass")
    return names


def _refuse(why: str, cause: Exception | None = None) -> NoReturn:
    raise UnauthorizedError(why) from cause
