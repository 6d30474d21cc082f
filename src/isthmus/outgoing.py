"""A message on its way out: its bytes, attributes, delay and group, and the limits that every provider shares."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.envelope import outgoing
from isthmus.errors import InvalidValueError, TooLargeError
from isthmus.payload import encode

MESSAGE_LIMIT = 256 * 1024
"""The most bytes of a message: its body, and the names and values of its attributes."""

ATTRIBUTE_LIMIT = 6
"""The most attributes of a message: of the ten that every provider takes, the envelope has up to four."""

NAME_LIMIT = 256
"""The most characters of an attribute's name."""

DELAY_LIMIT = 900
"""The longest delay of one message, in seconds."""

TOKEN_LIMIT = 128
"""The most characters of a group and of a deduplication key."""

KEY_LIMIT = 256
"""The most characters of a stream record's key."""

HINT = "Put it into a bucket and send its key (a claim check)"
"""What to do with a message that is too large."""

_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")


def prepare(
    body: Any, attributes: Mapping[str, Any] | None, *, numbers: bool = False, reserved: tuple[str, ...] = ()
) -> tuple[bytes, dict[str, Any], dict[str, str]]:
    """Return the bytes of `body`, its attributes as they were given, and as text together with the envelope.

    `InvalidValueError` for what not every provider could carry, `TooLargeError` for too much. `numbers` lets attributes
    be numbers; `reserved` are the starts of names, in lower case, that the provider keeps for itself.
    """
    given = _checked(attributes or {}, numbers=numbers, reserved=reserved)
    data, content_type = encode(body)
    carried = outgoing({name: _text(value) for name, value in given.items()}, content_type)
    size = len(data) + sum(len(name) + len(value.encode()) for name, value in carried.items())
    if size > MESSAGE_LIMIT:
        raise TooLargeError("the message, with its attributes,", size, MESSAGE_LIMIT, HINT)
    return data, given, carried


def check_delay(delay: float) -> None:
    """Refuse (`InvalidValueError`) a delay that not every provider knows."""
    if not 0 <= delay <= DELAY_LIMIT:
        raise InvalidValueError(f"delay is 0 to {DELAY_LIMIT} seconds, not {delay}")


def check_order(name: str, *, fifo: bool, delay: float | None, group: str | None, deduplicate: str | None) -> None:
    """Refuse (`InvalidValueError`) options that do not fit together, or not the queue `name`, which is FIFO or not."""
    if fifo and group is None:
        raise InvalidValueError(f"queue {name!r} is FIFO: say which messages stay in order, group=…")
    if fifo and delay is not None:
        raise InvalidValueError(f"queue {name!r} is FIFO: its messages have no delay of their own")
    if not fifo and (group is not None or deduplicate is not None):
        raise InvalidValueError(
            f"queue {name!r} is not FIFO, so it takes no group and no deduplicate. "
            f"Declare it with fifo=True, in infra/app.py"
        )
    if delay is not None:
        check_delay(delay)
    _check_token("group", group)
    _check_token("deduplicate", deduplicate)


def checked_record_key(key: Any) -> str:
    """Return the key of a stream's record; `InvalidValueError` for what not every provider takes."""
    if type(key) is not str or not 1 <= len(key) <= KEY_LIMIT:
        raise InvalidValueError(f"a record's key is text of 1 to {KEY_LIMIT} characters, not {key!r:.80}")
    try:
        key.encode()
    except UnicodeEncodeError:
        raise InvalidValueError(f"a record's key is not valid Unicode: {key!r:.80}") from None
    return key


def _check_token(option: str, value: str | None) -> None:
    if value is None:
        return
    if type(value) is not str or not 1 <= len(value) <= TOKEN_LIMIT or not all("!" <= c <= "~" for c in value):
        raise InvalidValueError(f"{option} is 1 to {TOKEN_LIMIT} visible ASCII characters, not {value!r:.80}")


def _checked(attributes: Mapping[str, Any], *, numbers: bool, reserved: tuple[str, ...]) -> dict[str, Any]:
    if len(attributes) > ATTRIBUTE_LIMIT:
        raise InvalidValueError(f"a message has at most {ATTRIBUTE_LIMIT} attributes, not {len(attributes)}")
    return {_name(name, reserved): _value(name, value, numbers=numbers) for name, value in attributes.items()}


def _name(name: Any, reserved: tuple[str, ...]) -> str:
    if not isinstance(name, str) or not 1 <= len(name) <= NAME_LIMIT or not _NAME.issuperset(name):
        raise InvalidValueError(
            f"an attribute's name is 1 to {NAME_LIMIT} ASCII letters, digits, _, - and single dots, not {name!r:.80}"
        )
    if name.startswith(".") or name.endswith(".") or ".." in name:
        raise InvalidValueError(f"attribute {name!r}: a dot stands between two other characters")
    if name.lower().startswith(reserved):
        raise InvalidValueError(f"attribute {name!r}: a provider keeps names that start so for itself")
    return name


def _value(name: str, value: Any, *, numbers: bool) -> Any:
    if type(value) is str:
        return _checked_text(name, value)
    if numbers and type(value) in (int, float):
        return _checked_number(name, value)
    allowed = "text or a number" if numbers else "text"
    raise InvalidValueError(f"attribute {name!r} is {allowed}, not {type(value).__name__}")


def _checked_text(name: str, value: str) -> str:
    if not value:
        raise InvalidValueError(f"attribute {name!r} is empty: leave it out")
    if not all(_is_allowed(letter) for letter in value):
        raise InvalidValueError(f"attribute {name!r} holds a control character, or what is no Unicode text")
    return value


def _is_allowed(letter: str) -> bool:
    """Tell whether a character may stand in an attribute: what XML 1.0 allows, which is what some services speak."""
    return " " <= letter <= "\ud7ff" or letter in "\t\n\r" or "\ue000" <= letter <= "\ufffd" or letter >= "\U00010000"


def _checked_number(name: str, value: int | float) -> int | float:
    if value - value != 0:
        raise InvalidValueError(f"attribute {name!r} is {value}, which is no number that a filter could compare")
    if not -(2**63) <= value < 2**63 and type(value) is int:
        raise InvalidValueError(f"attribute {name!r} does not fit into 64 bits")
    return value


def _text(value: str | int | float) -> str:
    return value if isinstance(value, str) else repr(value)
