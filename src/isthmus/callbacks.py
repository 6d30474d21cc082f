"""A handler that completes tasks which wait for their token, by an HTTP call: what a form, a mail or a partner answers.

```python
api.route("POST /approvals/{workflow}", "isthmus.callbacks.complete", link=[order.complete])
```
The body is `{"token": …, "output": …}`, `{"token": …, "error": …, "cause": …}` or `{"token": …, "heartbeat": true}`.
Whoever has a token may complete its task: it is as good as a password, and belongs into no address.
"""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.errors import BadRequestError, InvalidValueError, NotFoundError, NotLinkedError, TooLargeError
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.resource import Resource
from isthmus.workflow_errors import TaskTokenError


def complete(request: HttpRequest) -> HttpResponse:
    """Complete the task of the linked workflow that the route's `{workflow}` names, let it fail, or keep it waiting."""
    told: Any = request.json()
    body: dict[str, Any] = told if _is_object(told) else {}
    if not isinstance(body.get("token"), str) or not _says_one_thing(body):
        raise BadRequestError('the body is {"token": …} with "output", with "error" and "cause", or with "heartbeat"')
    try:
        _settle(_workflow(request.params["workflow"]), body)
    except (InvalidValueError, TooLargeError) as error:
        raise BadRequestError(str(error)) from error
    except TaskTokenError as error:
        raise NotFoundError("no task waits for this token (any more)") from error
    return HttpResponse.empty()


def _is_object(told: object) -> bool:
    return isinstance(told, dict)


def _says_one_thing(body: dict[str, Any]) -> bool:
    said = body.keys() - {"token"}
    return said in ({"output"}, {"error"}, {"error", "cause"}, set()) or (
        said == {"heartbeat"} and body["heartbeat"] is True
    )


def _workflow(name: str) -> Any:
    try:
        found = getattr(Resource, name)
    except NotLinkedError:
        found = None
    if not hasattr(found, "succeed"):
        raise NotFoundError(f"there is no workflow {name:.100}")
    return found


def _settle(workflow: Any, body: dict[str, Any]) -> None:
    token = body["token"]
    if "heartbeat" in body:
        workflow.heartbeat(token)
    elif "error" in body:
        workflow.fail(token, _text(body, "error"), _text(body, "cause"))
    else:
        workflow.succeed(token, body.get("output"))


def _text(body: dict[str, Any], name: str) -> str:
    text = body.get(name, "")
    if not isinstance(text, str):
        raise BadRequestError(f"{name} is text")
    return text
