"""What a metadata server hands out: https://cloud.google.com/compute/docs/metadata/overview."""

from __future__ import annotations

import base64
import itertools
import json
import time
from urllib.parse import parse_qs, urlsplit

from tests.gcp.clients.http_double import Answer, Asked

NUMBERS = itertools.count()

ADDRESS = "caller@isthmus.iam.gserviceaccount.com"


def handed_out(asked: Asked, *, seconds: float = 3600) -> Answer:
    """Answer as a metadata server does; its tokens are good for so many seconds, each is another, none is signed."""
    question = urlsplit(asked.path)
    if question.path.endswith("/identity"):
        return 200, _identity(parse_qs(question.query)["audience"][0], seconds)
    if question.path.endswith("/token"):
        return 200, {"access_token": f"token-{next(NUMBERS)}", "expires_in": int(seconds), "token_type": "Bearer"}
    if "/service-accounts/" in question.path:
        return 200, {"email": ADDRESS, "scopes": [], "aliases": ["default"]}
    return 200, b"googleapis.com" if "universe" in question.path else b"isthmus"


def _identity(audience: str, seconds: float) -> bytes:
    now = int(time.time())
    claims = {"aud": audience, "iat": now, "exp": int(now + seconds), "number": next(NUMBERS)}
    parts = (json.dumps(part).encode() for part in ({"alg": "RS256", "typ": "JWT", "kid": "1"}, claims))
    return b".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts), b"c2ln"])
