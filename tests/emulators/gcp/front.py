"""The front of Cloud Run: `/{project}/{region}/{function}/rest` stands for the function's address and `/rest` there.

- A request of more than 32 MiB is answered 413; an answer of more, 500. https://cloud.google.com/run/quotas#request_limits
- An instance is told who asked in `X-Forwarded-For` (after what the client said), `X-Forwarded-Proto` and `Forwarded`.
  https://cloud.google.com/run/docs/container-contract
- A trace goes on, or begins: `traceparent` and `X-Cloud-Trace-Context`. https://cloud.google.com/run/docs/trace
- Headers of a connection stay where they are. https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

from tests.emulators.gcp.calls import Answer, Header, Request
from tests.emulators.gcp.gate import Gate
from tests.emulators.gcp.machine import Machine

LIMIT = 32 * 1024 * 1024
"""The most bytes of a request and of an answer."""

_CONNECTION = frozenset(
    {
        *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"te", b"trailer"),
        *(b"transfer-encoding", b"upgrade", b"content-length"),
    }
)
_TRACE = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


class Front:
    """Answers requests to functions."""

    def __init__(self, machine: Machine, gate: Gate) -> None:
        self._machine = machine
        self._gate = gate

    async def answer(self, request: Request, client: str, origin: str) -> Answer:
        """Answer a request that came from the address `client`; `origin` is where this front listens."""
        parts = request.target.split(b"?")[0].split(b"/", 4)
        if len(parts) < 4:
            return Answer(404, b"Page not found")
        project, region, function = (part.decode("latin-1") for part in parts[1:4])
        name = f"projects/{project}/locations/{region}/functions/{function}"
        service = self._machine.service(name)
        if service is None:
            return Answer(404, b"Page not found")
        if len(request.body) > LIMIT:
            return Answer(413, b"Request Entity Too Large")
        passed = self._gate.passed(request, name, f"{origin}/{project}/{region}/{function}")
        if isinstance(passed, Answer):
            return passed
        rest = request.target[len(b"/".join(parts[:4])) :]
        target = rest if rest.startswith(b"/") else b"/" + rest
        answer = await service.answer(passed._replace(target=target, headers=[*_told(passed, client)]))
        return _outside(answer)


def _told(request: Request, client: str) -> Iterator[Header]:
    """Yield the headers that an instance gets."""
    names = {b"x-forwarded-for", b"x-forwarded-proto", b"forwarded", b"traceparent", b"x-cloud-trace-context"}
    yield from ((name, value) for name, value in request.headers if name not in _CONNECTION | names)
    said = request.header(b"x-forwarded-for")
    yield b"x-forwarded-for", f"{said},{client}".strip(",").encode()
    yield b"x-forwarded-proto", b"https"
    yield b"forwarded", f'for="{client}";proto=https'.encode()
    trace, span, flags = _trace(request.header(b"traceparent"))
    yield b"traceparent", f"00-{trace}-{span}-{flags}".encode()
    yield b"x-cloud-trace-context", f"{trace}/{int(span, 16)};o={int(flags, 16) & 1}".encode()


def _trace(given: str) -> tuple[str, str, str]:
    """Return the trace, a new span, and the flags."""
    match = _TRACE.fullmatch(given)
    return (match[1] if match else secrets.token_hex(16), secrets.token_hex(8), match[3] if match else "00")


def _outside(answer: Answer) -> Answer:
    """Return an answer as a client gets it."""
    if len(answer.body) > LIMIT:
        return Answer(500, b"Response size was too large. Please consider reducing response size.")
    kept = tuple((name, value) for name, value in answer.headers if name not in _CONNECTION)
    return answer._replace(headers=kept)
