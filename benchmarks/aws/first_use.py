"""The first use of a linked table against the mere creation of boto3's client, each in a new process.

`python -m benchmarks.aws.first_use`: ours reads an item too, from a server in this process that answers at once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from tempfile import TemporaryDirectory

from benchmarks.measure import cpu_seconds, in_turns, ratio, verdict

ROUNDS = 9

OURS = """
from isthmus.links import Identity, Link
from isthmus_aws.linked import factories
from isthmus_aws.services import Services
link = Link("table", "Orders", "orders", ("read",), {"fields": {"id": "string"}, "key": ["id"]})
identity = Identity(app="orders", stage="test", provider="aws", function="F", links={"Orders": link})
services = Services(identity)
table = factories(services)["table"](link)
"""

FIRST_GET = OURS + "assert table.get('a') == {'id': 'a'}"
FIRST_CLIENT = OURS + "services.client('dynamodb')"
BOTO3 = "import boto3; boto3.client('dynamodb')"
NOTHING = "pass"


class _Item(BaseHTTPRequestHandler):
    """Answers every request with one item."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = b'{"Item":{"id":{"S":"a"}}}'
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.0")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def table() -> Generator[str]:
    """Yield the address of a DynamoDB that has one item."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Item)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def running(script: str) -> Callable[[], float]:
    """Return what measures a script in a process of its own."""
    return partial(cpu_seconds, [sys.executable, "-c", script])


def main() -> bool:
    """Print the ratios, and return whether the target was met."""
    credentials = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_EC2_METADATA_DISABLED": "true"}
    with table() as address, TemporaryDirectory() as bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a bundle has its bytecode, and so has what is measured
        os.environ.update(credentials, AWS_REGION="us-east-1", AWS_DEFAULT_REGION="us-east-1")
        os.environ["PYTHONPYCACHEPREFIX"] = bytecode
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = address
        scripts = {"boto3": BOTO3, "client": FIRST_CLIENT, "get": FIRST_GET, "nothing": NOTHING}
        taken = in_turns({name: running(script) for name, script in scripts.items()}, ROUNDS)
    print(f"  boto3's client: {min(taken['boto3']) * 1000:.0f} ms, bare Python {min(taken['nothing']) * 1000:.0f} ms")
    met = verdict("a table's client / boto3's client", ratio(taken["client"], taken["boto3"]), at_most=0.7)
    return verdict("a table's first get / boto3's client", ratio(taken["get"], taken["boto3"]), at_most=0.7) and met


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
