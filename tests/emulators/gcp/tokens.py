"""Tokens of service accounts, as Google signs them and as Cloud Run looks at them.

- An identity token is a JWT (RS256) of the issuer `https://accounts.google.com` whose `aud` is what was asked for,
  whose `email` is the account's, and that is good for an hour.
  https://cloud.google.com/docs/authentication/token-types#id
- Who receives one checks signature, issuer, end and audience.
  https://cloud.google.com/run/docs/authenticating/service-to-service
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ISSUER = "https://accounts.google.com"
LIFE = 3600
"""Seconds that a token is good for."""


class TokenError(Exception):
    """A token is none, or is not for this."""


class Tokens:
    """Signs and verifies with a key of its own."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._known: dict[tuple[str, str], tuple[float, str]] = {}

    def identity(self, email: str, audience: str) -> str:
        """Return an identity token of an account for an audience; one that lasts is given again."""
        signed_at, token = self._known.get((email, audience), (0.0, ""))
        if time.time() - signed_at > LIFE / 2:
            token = self.signed(email, audience)
            self._known[email, audience] = (time.time(), token)
        return token

    def signed(self, email: str, audience: str, **claims: Any) -> str:
        """Return a new token; `claims` stand in for its own."""
        now = int(time.time())
        unique = unique_id(email)
        told: dict[str, Any] = {"iss": ISSUER, "aud": audience, "azp": unique, "sub": unique, "email": email}
        told |= {"email_verified": True, "iat": now, "exp": now + LIFE, **claims}
        return jwt.encode(told, self._key, algorithm="RS256", headers={"kid": "test"})

    def access(self, email: str) -> str:
        """Return what stands for an access token: nobody looks into it."""
        return f"ya29.{email}"

    def signature(self, data: bytes) -> bytes:
        """Return the signature of bytes, as the IAM credentials API gives it (RSA, PKCS #1 v1.5, SHA-256)."""
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def key(self) -> str:
        """Return the private key, in PEM."""
        form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return self._key.private_bytes(*form).decode()

    def public_key(self) -> str:
        """Return the public key, in PEM."""
        form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(*form).decode()

    def asserted(self, assertion: str, *audience: str) -> Mapping[str, Any]:
        """Return the claims of an assertion that was signed by the key; `TokenError` for any other."""
        try:
            found: Mapping[str, Any] = jwt.decode(
                assertion, self._key.public_key(), algorithms=["RS256"], audience=audience, leeway=5
            )
        except jwt.InvalidTokenError as error:
            raise TokenError(str(error)) from None
        return found

    def verified(self, token: str, audience: str) -> str:
        """Return the e-mail address of a token for an audience; `TokenError` for any other."""
        try:
            claims = jwt.decode(
                token, self._key.public_key(), algorithms=["RS256"], audience=audience, issuer=ISSUER, leeway=5
            )
        except jwt.InvalidTokenError as error:
            raise TokenError(str(error)) from None
        return str(claims["email"])


def unique_id(email: str) -> str:
    """Return the number that an account has besides its address."""
    return str(10**20 + int(sha256(email.encode()).hexdigest()[:16], 16))
