"""What clients give a workflow: an input with the envelope in it, a name, what a task comes to, why one has failed."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.envelope import CONTENT_TYPE, outgoing
from isthmus.errors import InvalidValueError, TooLargeError
from isthmus.outgoing import HINT
from isthmus.payload import dumps

ENVELOPE = "isthmus"
"""Under which key of an input that is an object the envelope rides."""

NAME_LIMIT = 80
"""The most characters of an execution's name: what every provider takes."""

RESULT_LIMIT = 256 * 1024
"""The most bytes of what a task comes to: as much as a state may have."""

ERROR_LIMIT = 256
CAUSE_LIMIT = 32_768
"""The most characters of an error's name and of its cause: what every provider takes."""

_FORBIDDEN = frozenset(' <>{}[]?*"#%\\^|~`$&,;:/')


def encoded(given: Any, limit: int, workflow: str) -> bytes:
    """Return an input as JSON of at most `limit` bytes; none is an empty object. An object has the envelope in it."""
    data = dumps({} if given is None else given)
    if data.startswith(b"{"):
        data = _with_envelope(given or {})
    if len(data) > limit:
        raise TooLargeError(f"the input of workflow {workflow!r}", len(data), limit, HINT)
    return data


def checked_name(name: Any) -> str:
    """Return an execution's name; `InvalidValueError` for one that not every provider takes."""
    if type(name) is not str or not 1 <= len(name) <= NAME_LIMIT or not name.isprintable() or _FORBIDDEN & set(name):
        raise InvalidValueError(
            f"an execution's name is 1 to {NAME_LIMIT} characters without spaces and any of "
            f"{''.join(sorted(_FORBIDDEN)).strip()}, not {name!r:.100}"
        )
    return name


def result(output: Any, workflow: str) -> bytes:
    """Return what a task comes to as JSON of at most `RESULT_LIMIT` bytes."""
    data = dumps(output)
    if len(data) > RESULT_LIMIT:
        raise TooLargeError(f"what completes a task of workflow {workflow!r}", len(data), RESULT_LIMIT, HINT)
    return data


def checked_reason(error: Any, cause: Any) -> tuple[str, str]:
    """Return an error's name and its cause; `InvalidValueError` for what not every provider takes."""
    for what, text, limit in (("error", error, ERROR_LIMIT), ("cause", cause, CAUSE_LIMIT)):
        if not isinstance(text, str) or len(text) > limit or text != text.encode(errors="replace").decode():
            raise InvalidValueError(f"{what} is text of {limit:,} characters at most, not {text!r:.80}")
    return error, cause


def _with_envelope(given: Mapping[str, Any]) -> bytes:
    if ENVELOPE in given:
        raise InvalidValueError(f"the key {ENVELOPE!r} of a workflow's input is reserved; choose another")
    ours = outgoing(None, "")
    del ours[CONTENT_TYPE]
    return dumps({**given, ENVELOPE: ours})
