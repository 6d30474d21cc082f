"""Cross-origin rules in front of one handler, for a function whose api does not own them."""

from __future__ import annotations

from isthmus._typing import Any, Sequence
from isthmus.context import Context
from isthmus.http import serving
from isthmus.http.cors import CorsPolicy, is_preflight
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.middleware.compose import Middleware, Next


def cors(
    *,
    origins: Sequence[str],
    methods: Sequence[str] = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"),
    headers: Sequence[str] = ("content-type", "authorization"),
    expose: Sequence[str] = (),
    credentials: bool = False,
    max_age: int = 600,
) -> Middleware:
    """Let pages of other `origins` call: answers their preflights, and marks every response, of a failure as well.

    Put it outermost: what comes from inside, an exception included, has become a response here. An api that declares
    `cors=` needs no such middleware. `CorsPolicy` tells what each option means.
    """
    policy = CorsPolicy(
        origins=origins, methods=methods, headers=headers, expose=expose, credentials=credentials, max_age=max_age
    )

    def apply(event: Any, context: Context, next: Next) -> Any:
        if not isinstance(event, HttpRequest):
            return next(event, context)
        if is_preflight(event):
            return policy.preflight(event)
        return _marked(policy, event, serving.answer(next, event, context))

    return apply


def _marked(policy: CorsPolicy, request: HttpRequest, response: HttpResponse) -> HttpResponse:
    copied = response.copy()
    policy.apply(request.headers.get("origin", ""), copied)
    return copied
