"""The payment provider's webhook: a request counts only if it is signed with the key that both sides know."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from functions.resources import Resource
from isthmus import HttpRequest, HttpResponse
from isthmus.errors import ConditionFailedError, NotFoundError, UnauthorizedError


@dataclass(frozen=True, slots=True)
class Payment:
    """What the payment provider sends: the order that has been paid."""

    order: str


def received(request: HttpRequest) -> HttpResponse:
    """Mark an order as paid; the signature is the HMAC-SHA256 of the body, in hexadecimal, in `x-signature`."""
    expected = hmac.new(Resource.WebhookKey.value().encode(), request.body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), request.headers.get("x-signature", "").encode()):
        raise UnauthorizedError("x-signature is not the signature of this body")
    payment = request.parse(Payment)
    try:
        Resource.Orders.update(payment.order, set={"paid": True}, if_exists=True)
    except ConditionFailedError as error:
        raise NotFoundError(f"there is no order {payment.order}") from error
    return HttpResponse.empty()
