"""The developer who is signed in: an owner of the project, by a key of a service account.

- A key's file names the account, its private key, and where tokens are to be had.
  https://cloud.google.com/iam/docs/keys-create-delete
- There an assertion that the key has signed is changed for an access token, or for an identity token of
  `target_audience`.
  https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs

from tests.emulators.gcp.calls import Answer, Request
from tests.emulators.gcp.gate import INVOKERS, OWNER, PROJECT
from tests.emulators.gcp.resources import Resources
from tests.emulators.gcp.tokens import LIFE, TokenError, Tokens

NAME = "isthmus-test"
"""The project that every cloud has."""

REGION = "europe-west1"
EMAIL = f"owner@{NAME}.iam.gserviceaccount.com"
PATH = "/token"
GOOGLE = "https://oauth2.googleapis.com/token"
"""What an assertion may name as its audience, wherever it is sent."""


class Owner:
    """The owner of the project; `origin` is where tokens are to be had."""

    def __init__(self, resources: Resources, tokens: Tokens, origin: str) -> None:
        self._tokens = tokens
        self._uri = origin + PATH
        member = {"token": PROJECT, "project": NAME, "role": OWNER, "member": f"serviceAccount:{EMAIL}"}
        resources.put(INVOKERS, "owner", member)

    def key(self, folder: Path) -> Path:
        """Write the key's file, and return it: what `GOOGLE_APPLICATION_CREDENTIALS` takes."""
        file = folder / "owner.json"
        told = {"type": "service_account", "project_id": NAME, "client_email": EMAIL, "token_uri": self._uri}
        file.write_text(json.dumps({**told, "private_key_id": "test", "private_key": self._tokens.key()}))
        return file

    async def answer(self, request: Request) -> Answer | None:
        """Answer a request for a token; None for any other."""
        if request.method != "POST" or request.path.decode("latin-1") != PATH:
            return None
        json_type = ((b"content-type", b"application/json"),)
        try:
            claims = self._tokens.asserted(parse_qs(request.body.decode())["assertion"][0], self._uri, GOOGLE)
        except (TokenError, KeyError, ValueError) as error:
            refused = {"error": "invalid_grant", "error_description": str(error)}
            return Answer(400, json.dumps(refused).encode(), json_type)
        email, audience = str(claims["iss"]), claims.get("target_audience")
        access = {"access_token": self._tokens.access(email), "expires_in": LIFE, "token_type": "Bearer"}
        granted = {"id_token": self._tokens.identity(email, audience)} if audience else access
        return Answer(200, json.dumps(granted).encode(), json_type)
