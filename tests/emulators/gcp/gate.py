"""Who may call a function: what Cloud Run asks before a request reaches an instance.

- With `roles/run.invoker` for `allUsers` everybody may. https://cloud.google.com/run/docs/authenticating/public
- So may the project's owner. https://cloud.google.com/iam/docs/roles-overview#basic
- Otherwise a request needs a bearer identity token whose audience is the function's address, in
  `X-Serverless-Authorization` or, where that is not there, in `Authorization`; a token that does not hold is answered
  401, none at all 403, and so is an account that is not an invoker.
  https://cloud.google.com/run/docs/authenticating/service-to-service
  https://cloud.google.com/run/docs/troubleshooting#unauthorized-client
- The instance sees the token without its signature: `SIGNATURE_REMOVED_BY_GOOGLE`.
  https://cloud.google.com/run/docs/troubleshooting#signature-removed
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from tests.emulators.gcp.calls import Answer, Request
from tests.emulators.gcp.resources import Inputs, Resources
from tests.emulators.gcp.tokens import TokenError, Tokens

INVOKERS = "iam"
"""The kind of the members of all policies."""

ROLE, OWNER = "roles/run.invoker", "roles/owner"
SERVICE = "gcp:cloudrunv2/serviceIamMember:ServiceIamMember"
PROJECT = "gcp:projects/iAMMember:IAMMember"
EVERYBODY = frozenset({"allUsers"})
REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE"

_HEADERS = (b"x-serverless-authorization", b"authorization")


class Gate:
    """Lets those in that the deployed members name."""

    def __init__(self, resources: Resources, tokens: Tokens) -> None:
        self._resources = resources
        self._tokens = tokens

    def passed(self, request: Request, function: str, audience: str) -> Request | Answer:
        """Return the request as the instance is to see it, or the refusal; `function` is its full name."""
        members = self.members(function)
        if members & EVERYBODY:
            return request
        name = next((name for name in _HEADERS if request.header(name)), None)
        if name is None:
            return _forbidden(function)
        scheme, _, token = request.header(name).partition(" ")
        try:
            email = self._tokens.verified(token.strip() if scheme.lower() == "bearer" else "", audience)
        except TokenError as error:
            return _unauthorized(str(error))
        if f"serviceAccount:{email}" not in members:
            return _forbidden(function)
        unsigned = f"Bearer {token.rpartition('.')[0]}.{REMOVED}".encode()
        headers = [(key, unsigned if key == name else value) for key, value in request.headers]
        return request._replace(headers=headers)

    def members(self, function: str) -> AbstractSet[str]:
        """Return who may call a function."""
        project, location, name = (function.split("/")[place] for place in (1, 3, 5))
        here = {"token": SERVICE, "project": project, "location": location, "name": name, "role": ROLE}
        owning = {"token": PROJECT, "project": project, "role": OWNER}
        known = self._resources.all(INVOKERS).values()
        return {str(one["member"]) for one in known if _has(one, here) or _has(one, owning)}


def _has(member: Inputs, wanted: Inputs) -> bool:
    return all(member.get(key) == value for key, value in wanted.items())


def _forbidden(function: str) -> Answer:
    return Answer(403, f"Your client does not have permission to get {function.split('/')[5]}.".encode())


def _unauthorized(reason: str) -> Answer:
    told = f'Bearer error="invalid_token" error_description="{reason}"'.encode()
    return Answer(401, b"The access token could not be verified", ((b"www-authenticate", told),))
