"""A linked table as DynamoDB has it: how it is asked, and what of its items a handler sees."""

from __future__ import annotations

import time

from isthmus import table_keys, values
from isthmus._typing import Any, Item, Iterable, Mapping
from isthmus.errors import InvalidValueError
from isthmus.links import Link
from isthmus.table_keys import Keys
from isthmus_aws import wire
from isthmus_aws.attribute_values import from_item, to_item
from isthmus_aws.clients.asking import Asking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_aws.services import Services


class Store:
    """One table: its physical name, its keys, its time-to-live field (""), and whether somebody hears of changes."""

    __slots__ = ("_asking", "is_heard", "keys", "name", "ttl")

    def __init__(self, link: Link, services: Services) -> None:
        self._asking = Asking(link, services, "dynamodb")
        self.name = link.physical
        self.keys = Keys(link.name, link.properties)
        self.ttl: str = link.properties.get("ttl", "")
        self.is_heard = bool(link.properties.get("changes"))

    def allow(self, verb: str) -> None:
        """Raise `AccessDeniedError` unless the link grants `verb`."""
        self._asking.allow(verb)

    def ask(self, verb: str, operation: str, /, **parameters: Any) -> Any:
        """Return what DynamoDB's `operation` answers; `verb` is what the link must grant for it."""
        return self._asking.ask(verb, operation, **parameters)

    def image(self, item: Item) -> dict[str, Any]:
        """Return a whole, checked item as it is written: with the envelope, where somebody hears of changes."""
        table_keys.check_entries(self.keys, item)
        self.refuse_ours(item)
        image = from_item(item)
        if self.is_heard:
            carried = wire.carried()
            # An item just below the limit is kept rather than traced.
            if values.check(item) + len(wire.ENVELOPE) + len(carried.encode()) <= values.ITEM_LIMIT:
                image[wire.ENVELOPE] = {"S": carried}
        return image

    def seen(self, image: Mapping[str, Any]) -> Item:
        """Return the item of an image as a handler sees it: without the envelope."""
        item = to_item(image)
        item.pop(wire.ENVELOPE, None)
        return item

    def stored(self, image: Mapping[str, Any]) -> Item | None:
        """Return the item of a stored image; None where it has expired.

        DynamoDB deletes an expired item within days:
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ttl-expired-items.html
        """
        item = self.seen(image)
        expires: Any = item.get(self.ttl) if self.ttl else None
        return None if values.is_number(expires) and expires <= time.time() else item

    def refuse_ours(self, names: Iterable[str]) -> None:
        """Refuse (`InvalidValueError`) an attribute that is not a user's."""
        if wire.ENVELOPE in names:
            raise InvalidValueError(f"table {self.keys.name!r}: {wire.ENVELOPE!r} is an attribute of Isthmus's own")
