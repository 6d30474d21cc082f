"""An address of an object that its signature makes good for anybody, for a while.

https://cloud.google.com/storage/docs/access-control/signed-urls
"""

from __future__ import annotations

import os

from isthmus._typing import Any, Callable, Mapping
from isthmus.errors import ServiceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services


def signed_address(services: Services, blob: Any, method: str, expires: int, kind: Mapping[str, str]) -> str:
    """Return the address of `blob` for a method; `kind` has the content type that a put must have, if any."""
    from datetime import timedelta

    from isthmus_gcp.connections.storage import host

    address: str = blob.generate_signed_url(
        version="v4",
        method=method,
        expiration=timedelta(seconds=expires),
        api_access_endpoint=host(),
        credentials=_signer(services),
        **kind,
    )
    return address


def _signer(services: Services) -> Any:
    """Return what signs: the key of the credentials, where they have one, else the account's, which Google has."""
    from google.auth.credentials import Signing

    if _is_emulated(services):
        return _by(services.account or "nobody@emulator", _unsigned)
    if not (services.signs_by_emulator and services.account):
        credentials = services.tokens.credentials()
        if isinstance(credentials, Signing):
            return credentials
    if not services.account:
        raise ServiceError(
            "who is signed in has no key to sign with: set GOOGLE_APPLICATION_CREDENTIALS to that of a service account"
        )

    def sign(data: bytes) -> bytes:
        return _signed(services, services.account, data)

    return _by(services.account, sign)


def _unsigned(data: bytes) -> bytes:
    """Return what only looks like a signature, for an emulator that believes it."""
    return data[:64]


def _is_emulated(services: Services) -> bool:
    from isthmus_gcp.connections.storage import VARIABLE

    return bool(os.environ.get(VARIABLE)) and not services.signs_by_emulator


def _signed(services: Services, account: str, data: bytes) -> bytes:
    """Return the signature that Google makes for the function's own account.

    https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob
    """
    from binascii import a2b_base64, b2a_base64

    document = {"payload": b2a_base64(data, newline=False).decode()}
    path = f"/v1/projects/-/serviceAccounts/{account}:signBlob"
    answer = services.signing().post(path, document, deadline=services.deadline)
    return a2b_base64(answer["signedBlob"])


def _by(account: str, sign: Callable[[bytes], bytes]) -> Any:
    from google.auth.credentials import Signing

    class Signer(Signing):
        """Signs for an account without having its key."""

        def sign_bytes(self, message: bytes) -> bytes:
            return sign(message)

        @property
        def signer_email(self) -> str:
            return account

        @property
        def signer(self) -> Any:
            raise NotImplementedError

    return Signer()
