"""A function on Lambda, without Lambda: what its runtime client does with one event."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeAlias

from isthmus.links import VARIABLE, Identity, encode
from isthmus.sources import Source
from isthmus_aws.function import start

Handle: TypeAlias = "Callable[[Any, Any], Any]"

# The runtime client has no types of its own.
_marshaller: Any = import_module("awslambdaric.lambda_runtime_marshaller").LambdaMarshaller()
_context: Any = import_module("awslambdaric.lambda_context").LambdaContext(
    "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
    None,
    None,
    int(time.time() + 3600) * 1000,
    "arn:aws:lambda:eu-north-1:111122223333:function:bench",
)


def invocation(handle: Handle, event: bytes) -> Callable[[], str]:
    """Return what invokes a function as `awslambdaric.bootstrap.handle_event_request` does, from text to text."""

    def invoke() -> str:
        answer, _ = _marshaller.marshal_response(handle(_marshaller.unmarshal_request(event), _context))
        text: str = answer
        return text

    return invoke


def call(handle: Handle, event: bytes) -> Callable[[], Any]:
    """Return what calls a function with an event that is parsed already: what is left is the function's own."""
    document = _marshaller.unmarshal_request(event)
    return lambda: handle(document, _context)


def isthmus(
    trigger: str,
    handler: str = "",
    *,
    routes: Mapping[str, str] | None = None,
    sources: Mapping[str, Source] | None = None,
) -> Handle:
    """Return what Lambda calls of a function of ours."""
    os.environ[VARIABLE] = encode(
        Identity(
            app="bench",
            stage="dev",
            provider="aws",
            function="Bench",
            handler=handler,
            triggers=(trigger,),
            routes=routes,
            sources=sources,
        )
    )
    return start()
