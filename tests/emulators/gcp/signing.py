"""The IAM credentials API, as far as it signs bytes for a service account: all accounts have one key here.

https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode

from tests.emulators.gcp.calls import Answer, Request
from tests.emulators.gcp.tokens import Tokens

_SIGN = re.compile(r"/v1/projects/[^/]+/serviceAccounts/[^/:]+:signBlob")


class Signing:
    """Signs."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def answer(self, request: Request) -> Answer | None:
        """Answer a request of the REST API; None where it is none."""
        path = request.path.decode("latin-1").replace("%40", "@").replace("%3A", ":")
        if request.method != "POST" or not _SIGN.fullmatch(path):
            return None
        payload = b64decode(json.loads(request.body)["payload"])
        signed = {"keyId": "test", "signedBlob": b64encode(self._tokens.signature(payload)).decode()}
        return Answer(200, json.dumps(signed).encode(), ((b"content-type", b"application/json"),))
