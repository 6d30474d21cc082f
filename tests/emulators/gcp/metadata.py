"""The metadata server that an instance asks who it is: one for each service account.

- Requests need `Metadata-Flavor: Google`, and answers have it; without it, 403.
- `/computeMetadata/v1/` has `project/project-id`, `project/numeric-project-id`, `instance/region`, `instance/id` and
  `instance/service-accounts/default/{email,scopes,token,identity}`; `identity` takes an `audience`.
  https://cloud.google.com/run/docs/container-contract#metadata-server
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.emulators.gcp.tokens import LIFE, Tokens, unique_id

ROOT = "/computeMetadata/v1/"
NUMBER = "123456789012"
"""The number of every project."""

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)

Query = Mapping[str, list[str]]


class Metadata:
    """What instances of one account in a region are told; `host` is what `GCE_METADATA_HOST` takes."""

    def __init__(self, tokens: Tokens, project: str, region: str, email: str) -> None:
        self._tokens = tokens
        self._email = email
        account = "instance/service-accounts/default/"
        self._facts: Mapping[str, Callable[[Query], str | None]] = {
            "": lambda _: "instance/\nproject/\n",
            "project/project-id": lambda _: project,
            "project/numeric-project-id": lambda _: NUMBER,
            "instance/region": lambda _: f"projects/{NUMBER}/regions/{region}",
            "instance/zone": lambda _: f"projects/{NUMBER}/zones/{region}-1",
            "instance/id": lambda _: unique_id(email),
            account: self._account,
            f"{account}email": lambda _: email,
            f"{account}scopes": lambda _: "\n".join(SCOPES),
            f"{account}aliases": lambda _: "default",
            f"{account}token": lambda _: json.dumps(self._token()),
            f"{account}identity": self._identity,
        }
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.answer))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.5,), daemon=True).start()

    @property
    def host(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def answer(self, target: str) -> str | None:
        """Return what is at a path with its query; None where nothing is."""
        url = urlsplit(target)
        if not url.path.startswith(ROOT):
            return "computeMetadata/\n" if url.path == "/" else None
        path = url.path.removeprefix(ROOT).replace(f"/{self._email}/", "/default/")
        fact = self._facts.get(path)
        return fact(parse_qs(url.query)) if fact else None

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()

    def _account(self, _query: Query) -> str:
        return json.dumps({"aliases": ["default"], "email": self._email, "scopes": SCOPES})

    def _token(self) -> dict[str, Any]:
        return {"access_token": self._tokens.access(self._email), "expires_in": LIFE - 1, "token_type": "Bearer"}

    def _identity(self, query: Query) -> str | None:
        audience = query.get("audience", [""])[0]
        return self._tokens.identity(self._email, audience) if audience else None


def _handler(answer: Callable[[str], str | None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = self.headers.get("Metadata-Flavor") == "Google"
            found = answer(self.path) if asked else None
            body = (found or "").encode()
            self.send_response(403 if not asked else 404 if found is None else 200)
            self.send_header("Metadata-Flavor", "Google")
            self.send_header("Content-Type", "application/json" if body[:1] in b"{[" else "application/text")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Write nothing: a test reads what it needs."""

    return Handler
