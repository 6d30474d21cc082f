"""The functions of the sample: one file that knows nothing of Isthmus, as `main.py` of a bundle."""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from typing import Any
from urllib.request import Request, urlopen

FAILED: dict[str, int] = {}
"""How often what is to fail has failed in this instance."""


def handle(request: Any) -> Any:
    """Do what the path says; by default write down what came, and answer it."""
    verb = request.path.strip("/").partition("/")[0]
    return _VERBS.get(verb, _told)(request)


def _told(request: Any) -> Any:
    data: bytes = request.get_data()
    told = {
        "path": request.full_path,
        "method": request.method,
        "headers": [list(pair) for pair in request.headers],
        "data": base64.b64encode(data).decode(),
        "at": time.time(),
    }
    sys.stdout.write(f"TOLD {json.dumps(told)}\n")  # in one piece: others write at the same time
    text = json.dumps(told)
    inner = json.loads(data).get("message", {}).get("data", "") if data[:1] == b"{" else ""
    if "poison" in base64.b64decode(inner).decode(errors="replace"):
        return "no", 500
    return text, 200, {"content-type": "application/json"}


def _where(_request: Any) -> Any:
    return {"variables": dict(os.environ), "path": sys.path, "cwd": os.getcwd(), "pid": os.getpid()}


def _slow(request: Any) -> Any:
    time.sleep(float(request.args.get("seconds", 1)))
    sys.stdout.write("SLEPT\n")
    return {"pid": os.getpid()}


def _large(request: Any) -> Any:
    return b"x" * int(request.args["bytes"])


def _die(_request: Any) -> Any:
    os._exit(7)


def _token(request: Any) -> Any:
    """Ask the metadata server for a token, and call another function with it."""
    root = f"http://{os.environ['GCE_METADATA_HOST']}/computeMetadata/v1/instance/service-accounts/default"
    asked = Request(f"{root}/identity?audience={request.args['audience']}", headers={"Metadata-Flavor": "Google"})
    with urlopen(asked) as answer:
        token = answer.read().decode()
    with urlopen(Request(request.args["audience"], headers={"Authorization": f"Bearer {token}"})) as answer:
        return answer.read()


_VERBS = {"where": _where, "slow": _slow, "large": _large, "die": _die, "token": _token}
