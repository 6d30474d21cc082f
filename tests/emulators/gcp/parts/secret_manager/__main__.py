"""The service on a loopback port: the address is the first line of the output, and it ends with stdin."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

from tests.emulators.gcp.parts.secret_manager.names import InvalidNameError, snake
from tests.emulators.gcp.parts.secret_manager.secret import RefusedError
from tests.emulators.gcp.parts.secret_manager.service import SecretManager, copied

_grpc: Any = import_module("grpc")
_types: Any = import_module("google.cloud.secretmanager_v1.types")
_EMPTY: Any = import_module("google.protobuf.empty_pb2").Empty

SERVICE = "google.cloud.secretmanager.v1.SecretManagerService"

METHODS = {
    "CreateSecret": ("CreateSecretRequest", "Secret"),
    "GetSecret": ("GetSecretRequest", "Secret"),
    "UpdateSecret": ("UpdateSecretRequest", "Secret"),
    "DeleteSecret": ("DeleteSecretRequest", ""),
    "ListSecrets": ("ListSecretsRequest", "ListSecretsResponse"),
    "AddSecretVersion": ("AddSecretVersionRequest", "SecretVersion"),
    "GetSecretVersion": ("GetSecretVersionRequest", "SecretVersion"),
    "ListSecretVersions": ("ListSecretVersionsRequest", "ListSecretVersionsResponse"),
    "AccessSecretVersion": ("AccessSecretVersionRequest", "AccessSecretVersionResponse"),
    "EnableSecretVersion": ("EnableSecretVersionRequest", "SecretVersion"),
    "DisableSecretVersion": ("DisableSecretVersionRequest", "SecretVersion"),
    "DestroySecretVersion": ("DestroySecretVersionRequest", "SecretVersion"),
}


def _handlers(service: SecretManager) -> Iterator[tuple[str, Any]]:
    lock = threading.Lock()
    for name, (request, response) in METHODS.items():
        method = snake(name)
        reply: Any = getattr(_types, response).serialize if response else _EMPTY.SerializeToString
        yield (
            name,
            _grpc.unary_unary_rpc_method_handler(
                _guarded(getattr(service, method), lock),
                request_deserializer=getattr(_types, request).deserialize,
                response_serializer=reply,
            ),
        )


def _guarded(method: Callable[[Any], Any], lock: threading.Lock) -> Callable[[Any, Any], Any]:
    def answer(request: Any, context: Any) -> Any:
        try:
            with lock:
                reply = method(request)
                return reply if isinstance(reply, _EMPTY) else copied(reply)
        except (RefusedError, InvalidNameError) as error:
            code = error.code if isinstance(error, RefusedError) else "INVALID_ARGUMENT"
            context.abort(_grpc.StatusCode[code], str(error))

    return answer


def main() -> None:
    """Serve until stdin ends, on an address that is the first line of the output."""
    server = _grpc.server(ThreadPoolExecutor(8))
    handlers = dict(_handlers(SecretManager()))
    server.add_generic_rpc_handlers((_grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"127.0.0.1:{port}", flush=True)
    sys.stdin.buffer.read()  # who started it is gone when this ends, however it went
    server.stop(grace=None)


if __name__ == "__main__":
    main()
