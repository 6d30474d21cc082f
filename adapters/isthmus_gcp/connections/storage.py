"""The client of Cloud Storage."""

from __future__ import annotations

import os

from isthmus._typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

VARIABLE = "STORAGE_EMULATOR_HOST"

HOST = "https://storage.googleapis.com"


def storage(services: Services) -> Any:
    """Return a client that keeps as many connections as there are threads that use it at once."""
    from importlib import import_module

    from isthmus_gcp.services import CONNECTIONS

    client: Any = import_module("google.cloud.storage").Client
    emulated = bool(os.environ.get(VARIABLE))
    credentials = services.tokens.anonymous() if emulated else services.tokens.credentials()
    where = {"api_endpoint": host()} if emulated else None
    return client(
        project=services.project,
        credentials=credentials,
        client_options=where,
        _http=_session(credentials, CONNECTIONS),
    )


def host() -> str:
    """Return the address of Cloud Storage, or of its emulator: the variable is set with the scheme, or without."""
    told = os.environ.get(VARIABLE)
    if not told:
        return HOST
    return (told if "://" in told else f"http://{told}").rstrip("/")


def _session(credentials: Any, connections: int) -> Any:
    from importlib import import_module

    from requests.adapters import HTTPAdapter

    made: Any = import_module("google.auth.transport.requests").AuthorizedSession(credentials)
    for scheme in ("https://", "http://"):
        made.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=connections))
    return made


def download(
    services: Services, bucket: str, name: str, offset: int, generation: str, *, retry: Any, timeout: Any
) -> Any:
    """Return the answer that an object's bytes come in, as they are stored; an error is Google's library's own.

    The library itself downloads into a file, or asks for each piece anew: here one answer is read as it comes.
    https://cloud.google.com/storage/docs/json_api/v1/objects/get
    """
    from importlib import import_module
    from urllib.parse import quote

    errors: Any = import_module("google.api_core.exceptions")
    client: Any = services.storage()
    version = f"&generation={generation}" if generation else ""
    url = f"{host()}/download/storage/v1/b/{quote(bucket, safe='')}/o/{quote(name, safe='')}?alt=media{version}"
    headers = {"accept-encoding": "gzip"}  # what was stored compressed comes as it is
    if offset:
        headers["range"] = f"bytes={offset}-"

    def ask() -> Any:
        answer = client._http.get(url, headers=headers, stream=True, timeout=timeout)  # it has no public door
        if answer.status_code in (200, 206):
            return answer
        with answer:
            raise errors.from_http_response(answer)

    return retry(ask)()
