"""Secret Manager in memory, over gRPC, with the client library's own message classes.

PyPI's `drongo` 0.8.0 was read and is not good enough: it speaks REST alone where the client speaks gRPC, takes `latest`
for the newest version that is enabled, gives a destroyed version its state back, has no checksums, no limits, no checks
of names or replication, no etags, no aliases, no filters and no regional secrets.

What is missing: IAM, rotation and topics (stored, not acted upon), a delayed destruction, a filter of more than the
state, and the quotas. https://cloud.google.com/secret-manager/docs/reference/rpc/google.cloud.secretmanager.v1
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from tests.emulators.gcp.parts.secret_manager import names
from tests.emulators.gcp.parts.secret_manager.secret import (
    DESTROYED,
    DISABLED,
    ENABLED,
    Secret,
    Version,
    check_etag,
    refuse,
)

_types: Any = import_module("google.cloud.secretmanager_v1.types")
_crc32c: Any = import_module("google_crc32c")
_EMPTY: Any = import_module("google.protobuf.empty_pb2").Empty

MAX_PAYLOAD = 65_536
"""https://cloud.google.com/secret-manager/quotas"""

CHANGEABLE = frozenset({"labels", "annotations", "version_aliases", "ttl", "expire_time", "topics", "rotation"})


class SecretManager:
    """The service: each method takes a request of the API and returns its response."""

    def __init__(self) -> None:
        self._secrets: dict[str, Secret] = {}

    def create_secret(self, request: Any) -> Any:
        """Make a secret without versions."""
        names.check_parent(request.parent)
        names.check_id(request.secret_id)
        _check_replication(request)
        name = names.shown(f"{request.parent}/secrets/{request.secret_id}")
        if self._live(name):
            refuse("ALREADY_EXISTS", f"Secret [{name}] already exists.")
        self._secrets[name] = Secret(name, copied(request.secret))
        return self._secrets[name].shown

    def get_secret(self, request: Any) -> Any:
        """Return a secret's properties."""
        return self._find(request.name).shown

    def update_secret(self, request: Any) -> Any:
        """Change what the mask names."""
        secret = self._find(request.secret.name)
        check_etag(secret.shown.etag, request.secret.etag)
        if not request.update_mask.paths:
            refuse("INVALID_ARGUMENT", "The update mask is required.")
        for path in request.update_mask.paths:
            if path not in CHANGEABLE:
                refuse("INVALID_ARGUMENT", f"The field {path} cannot be updated.")
        for path in request.update_mask.paths:
            setattr(secret.shown, path, getattr(request.secret, path))
        secret.touch()
        return secret.shown

    def delete_secret(self, request: Any) -> Any:
        """Delete a secret and all of its versions."""
        secret = self._find(request.name)
        check_etag(secret.shown.etag, request.etag)
        del self._secrets[secret.shown.name]
        return _EMPTY()

    def list_secrets(self, request: Any) -> Any:
        """List the secrets of a project or a region, the newest first."""
        prefix = names.shown(request.parent) + "/secrets/"
        found = [secret.shown for name, secret in self._secrets.items() if name.startswith(prefix) and self._live(name)]
        page, token = _page(found[::-1], request)
        return _types.ListSecretsResponse(secrets=page, next_page_token=token, total_size=len(found))

    def add_secret_version(self, request: Any) -> Any:
        """Add a version: at most 64 KiB, and what its checksum says."""
        secret = self._find(request.parent)
        payload = request.payload
        if not payload.data:
            refuse("INVALID_ARGUMENT", "Secret Payload cannot be empty.")
        if len(payload.data) > MAX_PAYLOAD:
            refuse(
                "INVALID_ARGUMENT", f"The secret payload has {len(payload.data)} bytes; the maximum is {MAX_PAYLOAD}."
            )
        if "data_crc32c" in payload and payload.data_crc32c != _crc32c.value(payload.data):
            refuse("INVALID_ARGUMENT", "Provided CRC32C checksum does not match the payload.")
        version = secret.add(payload.data)
        version.shown.client_specified_payload_checksum = "data_crc32c" in payload
        return version.shown

    def get_secret_version(self, request: Any) -> Any:
        """Return a version's properties."""
        return self._version(request.name).shown

    def list_secret_versions(self, request: Any) -> Any:
        """List the versions of a secret, the newest first."""
        found = [version.shown for version in self._find(request.parent).versions[::-1]]
        if request.filter:
            state = names.state_of(request.filter)
            if state is None:
                refuse("INVALID_ARGUMENT", "This emulator knows the filter state:NAME only.")
            found = [version for version in found if version.state.name == state]
        page, token = _page(found, request)
        return _types.ListSecretVersionsResponse(versions=page, next_page_token=token, total_size=len(found))

    def access_secret_version(self, request: Any) -> Any:
        """Return the payload of a version that is enabled."""
        version = self._version(request.name)
        if version.shown.state != ENABLED:
            state = version.shown.state.name
            refuse("FAILED_PRECONDITION", f"Secret Version [{version.shown.name}] is in {state} state.")
        payload = {"data": version.data, "data_crc32c": _crc32c.value(version.data)}
        return _types.AccessSecretVersionResponse(name=version.shown.name, payload=payload)

    def enable_secret_version(self, request: Any) -> Any:
        """Let a version be read."""
        return self._version(request.name).move(ENABLED, request.etag)

    def disable_secret_version(self, request: Any) -> Any:
        """Let a version be read no more, until it is enabled."""
        return self._version(request.name).move(DISABLED, request.etag)

    def destroy_secret_version(self, request: Any) -> Any:
        """Forget the payload of a version, for good."""
        return self._version(request.name).move(DESTROYED, request.etag)

    def _live(self, name: str) -> Secret | None:
        secret = self._secrets.get(name)
        if secret is not None and secret.is_over:
            del self._secrets[name]
            return None
        return secret

    def _find(self, name: str) -> Secret:
        names.check_secret(name)
        secret = self._live(names.shown(name))
        if secret is None:
            refuse("NOT_FOUND", f"Secret [{name}] not found.")
        return secret

    def _version(self, name: str) -> Version:
        secret, separator, version = name.partition("/versions/")
        if not separator:
            refuse("INVALID_ARGUMENT", f"[{name}] is not the name of a secret version.")
        return self._find(secret).find(version)


def _check_replication(request: Any) -> None:
    """Refuse a global secret that says nothing of its replication, and a regional one that does.

    https://cloud.google.com/secret-manager/docs/choosing-replication
    """
    if names.is_regional(request.parent) == ("replication" in request.secret):
        refuse("INVALID_ARGUMENT", "A global secret needs a replication, and a regional one has none.")


def copied(message: Any) -> Any:
    """Return a message that nobody else has."""
    kind: Any = message.__class__
    return kind.deserialize(kind.serialize(message))


def _page(found: Sequence[Any], request: Any) -> tuple[Sequence[Any], str]:
    start = int(request.page_token or 0)
    size = request.page_size or 25_000
    end = start + size
    return found[start:end], str(end) if end < len(found) else ""
