"""What our layer adds to a request under functions-framework, against a function written by hand."""

from __future__ import annotations

import json
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.gcp.served import FRONT, serving
from benchmarks.measure import in_turns, ratio, verdict
from isthmus.links import VARIABLE, Identity, encode

COUNT = 200
ROUNDS = 45
TARGET = 1.05
ROUTES = {"GET /users/{id}": "benchmarks.gcp.handlers.get_user", "POST /users": "benchmarks.gcp.handlers.post_user"}

BY_HAND = """
import json

def handle(request):
    if request.method == "POST":
        order = request.get_json()
        return json.dumps({"got": order["name"]}), 200, {"content-type": "application/json"}
    user = {"id": request.path.rpartition("/")[2], "a": request.args.get("a")}
    return json.dumps(user), 200, {"content-type": "application/json"}
"""
OURS = "from isthmus_gcp.entry import handle\n"

BODY = json.dumps({"name": "Ada", "items": [{"sku": f"s{n}", "count": n} for n in range(20)]})
REQUESTS = {
    "GET": f"GET /users/42?a=1 HTTP/1.1\r\nHost: a.run.app\r\nAccept: */*\r\nUser-Agent: bench\r\n{FRONT}\r\n",
    "POST": f"POST /users HTTP/1.1\r\nHost: a.run.app\r\nAccept: */*\r\nUser-Agent: bench\r\n{FRONT}"
    f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n{BODY}",
}


def main() -> bool:
    """Print the ratios."""
    identity = Identity(app="bench", stage="dev", provider="gcp", function="Api-all", triggers=("http",), routes=ROUTES)
    with tempfile.TemporaryDirectory() as folder:
        by_hand, main = Path(folder, "by_hand.py"), Path(folder, "main.py")
        by_hand.write_text(BY_HAND)
        main.write_text(OURS)
        with serving(by_hand, {}) as theirs, serving(main, {VARIABLE: encode(identity)}) as isthmus:
            met = True
            for method, request in REQUESTS.items():
                hand, ours = partial(theirs, request, COUNT), partial(isthmus, request, COUNT)
                times = in_turns({"hand": hand, "isthmus": ours}, ROUNDS)
                each = ", ".join(f"{who} {min(took) * 1e6:.0f} us" for who, took in times.items())
                print(f"{method} under functions-framework: {each}")
                met &= verdict(f"{method} / by hand", ratio(times["isthmus"], times["hand"]), at_most=TARGET)
    return met


if __name__ == "__main__":
    sys.exit(not main())
