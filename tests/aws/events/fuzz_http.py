"""Looks for garbage that the HTTP codec does not refuse by name: `python -m tests.aws.events.fuzz_http`.

Options are libFuzzer's, such as `-max_total_time=600`. It runs until it finds something, or is stopped. It needs
atheris (`pip install atheris`), which is no part of `dev`: there are wheels of it for a few platforms only.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from tests.aws.events.http_garbage import places, put, read
from tests.aws.events.http_recorded import SERVICES, recorded

NAMES = (*SERVICES, "websocket", "authorizer")
FIELDS = (
    *("version", "type", "requestContext", "http", "method", "httpMethod", "path", "rawPath", "resource", "stage"),
    *("headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters", "rawQueryString"),
    *("cookies", "pathParameters", "body", "isBase64Encoded", "elb", "domainName", "sourceIp", "identity", "a"),
)


class Garbage:
    """Makes JSON of the fuzzer's bytes."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def pick(self, choices: Any) -> Any:
        return self._source.PickValueInList(list(choices))

    def value(self, depth: int = 3) -> Any:
        kind = self._source.ConsumeIntInRange(0, 7 if depth else 5)
        if kind < 3:
            return self._source.ConsumeUnicode(self._source.ConsumeIntInRange(0, 24))
        if kind < 6:
            return self.pick([None, True, False, 0, -1.5, "", "2.0", "1.0", "$default", "YQ==", "/", "%25"])
        length = self._source.ConsumeIntInRange(0, 3)
        if kind == 6:
            return [self.value(depth - 1) for _ in range(length)]
        return {self.pick(FIELDS): self.value(depth - 1) for _ in range(length)}


def event_of(garbage: Garbage) -> Any:
    """Return a recorded event with garbage at a few places, or nothing but garbage."""
    name = garbage.pick([*NAMES, ""])
    if not name:
        return garbage.value(5)
    event: Any = recorded(name)
    for _ in range(garbage.pick([1, 1, 2, 4])):
        event = put(event, garbage.pick(places(event)), garbage.value())
    return event


def main() -> int:
    """Run the fuzzer with the command's options; 2 where it is not installed."""
    try:
        atheris: Any = import_module("atheris")
    except ImportError:
        print("atheris is not installed: pip install atheris", file=sys.stderr)
        return 2

    def one_input(data: bytes) -> None:
        read(event_of(Garbage(atheris.FuzzedDataProvider(data))))

    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
