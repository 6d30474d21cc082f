"""Every error that Isthmus raises on purpose: one base, each also the standard error it resembles."""

from __future__ import annotations

from isthmus._typing import Iterable, Sequence


class IsthmusError(Exception):
    """The base of them all: catch this to catch whatever Isthmus raises on purpose."""


class NotLinkedError(IsthmusError, AttributeError):
    """A handler asked `Resource` for a name that its function is not linked to."""

    def __init__(self, name: str, *, function: str, linked: Iterable[str]) -> None:
        known = ", ".join(sorted(linked)) or "nothing"
        variable = name[:1].lower() + name[1:]
        super().__init__(
            f"function {function!r} is not linked to {name!r} (linked: {known}). "
            f"Add it where the function is declared, in infra/app.py: link=[{variable}]",
            name=name,
        )
        self.function = function


class AccessDeniedError(IsthmusError, PermissionError):
    """A linked resource was used with a verb that the link does not grant."""

    def __init__(self, name: str, verb: str, *, function: str, granted: Iterable[str]) -> None:
        variable = name[:1].lower() + name[1:]
        granted = ", ".join(sorted(granted)) or "nothing"
        super().__init__(
            f"function {function!r} may not {verb} {name!r} (granted: {granted}). "
            f"Add it where the function is declared, in infra/app.py: link=[{variable}.{verb}]"
        )
        self.resource = name
        self.verb = verb


class ConditionFailedError(IsthmusError):
    """A table write's condition did not hold, so that nothing was written."""


class InvalidValueError(IsthmusError, ValueError):
    """A value that no provider could keep as it is: the path within the item, and why."""


class TooLargeError(IsthmusError, ValueError):
    """Something is over the provider's limit: what, its size and the limit, both in bytes."""

    def __init__(self, what: str, size: int, limit: int, hint: str = "") -> None:
        super().__init__(f"{what} is {size:,} bytes, and the limit is {limit:,}{'. ' + hint if hint else ''}")
        self.size = size
        self.limit = limit


class ObjectNotFoundError(IsthmusError, FileNotFoundError):
    """A bucket holds no object of that key."""

    def __init__(self, bucket: str, key: str) -> None:
        super().__init__(f"bucket {bucket!r} holds no object {key!r}")
        self.bucket = bucket
        self.key = key


class SecretNotSetError(IsthmusError, LookupError):
    """A secret is declared but has no value yet; `target`, such as `cloud-dev`, is where the command is to set it."""

    def __init__(self, name: str, stage: str, *, target: str = "") -> None:
        where = f" --target {target}" if target else ""
        super().__init__(f"secret {name!r} has no value in stage {stage!r}. Set it: isthmus secret set {name}{where}")


class InvocationFailedError(IsthmusError, RuntimeError):
    """An invoked function or workflow task raised: `type` is the name of the exception's class there."""

    def __init__(self, function: str, error_type: str, message: str) -> None:
        super().__init__(f"{function} failed: {error_type}: {message}")
        self.function = function
        self.type = error_type
        self.message = message


class PartialSendError(IsthmusError, OSError):
    """Some messages of one call were not accepted: `failed` holds (position, reason) of each; the others were sent."""

    def __init__(self, failed: Sequence[tuple[int, str]], total: int) -> None:
        first = f"the first is number {failed[0][0]}: {failed[0][1]}" if failed else ""
        super().__init__(f"{len(failed)} of {total} messages were not accepted; {first}")
        self.failed = failed


class ServiceError(IsthmusError, OSError):
    """The provider's service answered with an error; the service's own exception is the cause (`__cause__`)."""


class BadEventError(IsthmusError, ValueError):
    """An event that is not of a kind this function accepts, or is malformed: which kind, and what is wrong."""


class HandlerLoadError(IsthmusError, ImportError):
    """A handler path does not lead to a callable: the path, and what failed."""


class HandlerResultError(IsthmusError, TypeError):
    """A handler returned something that has no meaning for its kind of event: what, and what is allowed."""


class MissingExtraError(IsthmusError, ImportError):
    """A part of Isthmus needs a library that is not installed: which, and the extra that brings it."""

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(
            f"{library} is not installed; it comes with an extra: pip install 'isthmus[{extra}]'", name=library
        )
        self.extra = extra


class UnsupportedTypeError(IsthmusError, TypeError):
    """`request.parse` was given a type that it cannot read: which, and what it reads."""


class UnknownProviderError(IsthmusError, LookupError):
    """No installed provider has that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"no provider is named {name!r}; installed: {', '.join(sorted(known)) or 'none'}. "
            f"Is its extra installed? pip install 'isthmus[{name}]'"
        )


class HttpError(IsthmusError):
    """Raise this from a handler to answer with `status` and a problem document (RFC 9457).

    `detail` is told to the client; `members` are added to the document; `headers` to the response.
    """

    status = 500
    title = "Internal Server Error"

    def __init__(
        self,
        detail: str = "",
        *,
        status: int | None = None,
        title: str | None = None,
        headers: dict[str, str] | None = None,
        members: dict[str, object] | None = None,
    ) -> None:
        super().__init__(detail or title or self.title)
        self.detail = detail
        if status is not None:
            self.status = status
        if title is not None:
            self.title = title
        self.headers = headers or {}
        self.members = members or {}


class BadRequestError(HttpError, ValueError):
    """400: the request is malformed."""

    status = 400
    title = "Bad Request"


class UnauthorizedError(HttpError, PermissionError):
    """401: nobody is signed in; `headers` should carry `WWW-Authenticate`."""

    status = 401
    title = "Unauthorized"


class ForbiddenError(HttpError, PermissionError):
    """403: whoever is signed in may not do this."""

    status = 403
    title = "Forbidden"


class NotFoundError(HttpError, LookupError):
    """404: there is nothing at that address."""

    status = 404
    title = "Not Found"


class MethodNotAllowedError(HttpError):
    """405: the address exists, but not for this method; `allow` names those that are."""

    status = 405
    title = "Method Not Allowed"

    def __init__(self, allow: Iterable[str]) -> None:
        allowed = ", ".join(sorted(allow))
        super().__init__(f"allowed here: {allowed}", headers={"allow": allowed})


class ConflictError(HttpError):
    """409: the request contradicts what is stored."""

    status = 409
    title = "Conflict"


class PayloadTooLargeError(HttpError):
    """413: the body is over the limit."""

    status = 413
    title = "Content Too Large"


class UnsupportedMediaTypeError(HttpError):
    """415: the body is of a type that this address does not read."""

    status = 415
    title = "Unsupported Media Type"


class UnprocessableError(HttpError, ValueError):
    """422: the body is well-formed but invalid; `errors` holds one `{"field", "message"}` for each fault."""

    status = 422
    title = "Unprocessable Content"

    def __init__(self, errors: Sequence[dict[str, str]], detail: str = "") -> None:
        fields = ", ".join(error["field"] for error in errors)
        super().__init__(detail or f"invalid: {fields}", members={"errors": list(errors)})
        self.errors = errors


class TooManyRequestsError(HttpError):
    """429: slow down."""

    status = 429
    title = "Too Many Requests"
