"""Lambda's runtime API for one instance: the real runtime client, in a process of its own, asks it for events.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from isthmus.links import VARIABLE, Identity, encode

PREFIX = "/2018-06-01/runtime/"
ARN = "arn:aws:lambda:eu-north-1:000000000000:function:tested"


class FunctionError(Exception):
    """What Lambda reports of a failed invocation: the class of the exception, and its message."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        super().__init__(f"{report['errorType']}: {report['errorMessage']}")
        self.type: str = report["errorType"]
        self.message: str = report["errorMessage"]


class Runtime:
    """One instance of the function of `identity`, started as Lambda starts it.

    `environment` are its variables besides; `bundle` is the folder that its bundle lies in, unpacked, where it is not
    the checkout that runs.
    """

    def __init__(
        self, identity: Identity, *, environment: Mapping[str, str] | None = None, bundle: Path | None = None
    ) -> None:
        self._server = _Server()
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self._identity = identity
        self._environment = dict(environment or {})
        self._folder = bundle or Path.cwd()
        self._handler = "isthmus_start.handle" if bundle else "isthmus_aws.entry.handle"
        self.process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_address[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": "tested",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/tested",
            "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
            "AWS_REGION": "eu-north-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "LAMBDA_TASK_ROOT": str(self._folder),
            VARIABLE: encode(self._identity),
            **self._environment,
        }
        command = [sys.executable, "-m", "awslambdaric", self._handler]
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self._folder
        )

    def invoke(self, event: Any, *, timeout: float = 30, headers: Mapping[str, str] | None = None) -> Any:
        """Return what the function answers; `FunctionError` where it reports one. `timeout` is the function's own."""
        data = event if isinstance(event, bytes) else json.dumps(event).encode()
        self._server.events.put(
            (str(uuid4()), data, {"deadline": str(int((time.time() + timeout) * 1000)), **(headers or {})})
        )
        try:
            kind, answer = self._server.answers.get(timeout=timeout + 5)
        except Empty:
            raise AssertionError(f"no answer; the process says: {self.stop()}") from None
        if kind == "error":
            raise FunctionError(answer)
        return answer

    def stop(self) -> str:
        """End the instance, and return what it wrote."""
        self.process.kill()
        output = self.process.communicate()[0]
        self._server.shutdown()
        self._server.server_close()
        return output

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    """Hands out events, and takes answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Api)
        self.events: Queue[tuple[str, bytes, Mapping[str, str]]] = Queue()
        self.answers: Queue[tuple[str, Any]] = Queue()


class _Api(BaseHTTPRequestHandler):
    """What the runtime client asks."""

    protocol_version = "HTTP/1.1"

    @property
    def _desk(self) -> _Server:
        assert isinstance(self.server, _Server)
        return self.server

    def do_GET(self) -> None:
        id, data, options = self._desk.events.get()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", id)
        self.send_header("Lambda-Runtime-Deadline-Ms", options["deadline"])
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", ARN)
        for name, value in options.items():
            if name != "deadline":
                self.send_header(name, value)
        self.send_header("Content-Type", "application/json")  # without it the client crashes
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        body = self._body()
        kind = "error" if self.path.endswith("error") else "response"
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self._desk.answers.put((kind, json.loads(body) if body else None))

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
