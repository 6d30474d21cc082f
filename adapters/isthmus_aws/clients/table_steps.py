"""A write as DynamoDB takes it, alone or in a transaction, and what it means that its condition failed.

An item that has expired is not there, though DynamoDB may still have it: a write that asks for an item asks for one
that lives, and an update that finds an expired one writes a new item in its place. So does an update that only removes,
where no item is: DynamoDB would make none.
"""

from __future__ import annotations

import time

from isthmus import conditions, table_keys, values
from isthmus._typing import Any, Callable, Item, Mapping
from isthmus.conditions import Condition
from isthmus.errors import ConditionFailedError, InvalidValueError, IsthmusError
from isthmus.table_checks import check_write
from isthmus.table_writes import Check, Delete, Put, Update, Write
from isthmus_aws import wire
from isthmus_aws.attribute_values import from_item
from isthmus_aws.clients.table_expressions import Placeholders, matching, updating
from isthmus_aws.clients.table_store import Store

_LEAST_INT = -(2**63)
_MOST_INT = 2**63 - 1


class Step:
    """One checked write to one table.

    `key` is its item's key by field; `replaces` says that an update puts a new item where none is that lives;
    `is_traced`, that it writes the envelope, where somebody hears of it.
    """

    __slots__ = ("is_traced", "key", "match", "replaces", "store", "write")

    def __init__(self, store: Store, write: Write) -> None:
        check_write(write)
        self.store = store
        self.write = write
        self.match: Mapping[str, Condition] | None = conditions.check(write.if_match) if write.if_match else None
        self.key: Item = _key(store, write)
        self.replaces = False
        self.is_traced = True
        store.refuse_ours(self.match or ())

    @property
    def form(self) -> str:
        """What a transaction calls it."""
        return "Put" if self.replaces else _FORMS[type(self.write)][0]

    @property
    def size(self) -> int:
        """The bytes of what it writes, as far as is known here."""
        if isinstance(self.write, Put):
            return values.check(self.write.item)
        return values.check(self.write.set or {}) if isinstance(self.write, Update) else 0

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the request."""
        known = Placeholders()
        if self.replaces:
            said = {"Item": self.store.image(self.new()), "ConditionExpression": _is_absent(self, known)}
        else:
            said = _FORMS[type(self.write)][1](self, known)
        return {"TableName": self.store.name, **said, **known.parameters()}

    def new(self) -> Item:
        """Return the item that an update makes where there is none."""
        assert isinstance(self.write, Update)
        added = {name: amount + 0 for name, amount in dict(self.write.add or {}).items()}
        return {**self.key, **(self.write.set or {}), **added}

    def failure(self, image: Mapping[str, Any] | None) -> IsthmusError | None:
        """Return what it means that the condition failed on the stored image (None: on no item, or on one unknown).

        None where the write has only met an expired item, and is to be tried again as `replaces` now says.
        """
        stored = self.store.stored(image) if image else None
        if self.is_free and (stored is None or self.replaces):
            self.replaces = stored is None and not self.replaces
            return None
        return self._refusal(stored)

    @property
    def is_free(self) -> bool:
        """Whether it is an update that makes an item where there is none."""
        return isinstance(self.write, Update) and not self.write.if_exists and self.match is None

    def _refusal(self, stored: Item | None) -> IsthmusError:
        where = f"table {self.store.keys.name!r}"
        if isinstance(self.write, Put | Check) and self.write.if_absent:
            return ConditionFailedError(f"{where}: there is an item with this key already")
        if stored is None:
            return ConditionFailedError(f"{where}: there is no item with this key")
        failed = [name for name, wanted in (self.match or {}).items() if not conditions.holds({name: wanted}, stored)]
        if not failed and isinstance(self.write, Update) and self.write.add:
            return InvalidValueError(f"{where}: add makes an int of more than 64 bits of {', '.join(self.write.add)}")
        unmet = ", ".join(failed or self.match or ())
        return ConditionFailedError(f"{where}: the stored item does not match in {unmet}")


def _key(store: Store, write: Write) -> Item:
    """Return the key of what is written, with all of the write checked against the keys of the table."""
    if isinstance(write, Put):
        return table_keys.of_item(store.keys, write.item)
    if isinstance(write, Update):
        changed, added = write.set or {}, dict(write.add or {})
        table_keys.check_changes(store.keys, changed, added, write.remove)
        table_keys.check_entries(store.keys, changed)
        table_keys.check_entries(store.keys, added)
        store.refuse_ours([*changed, *added, *write.remove])
    return table_keys.of_key(store.keys, write.key)


def _put(step: Step, known: Placeholders) -> dict[str, Any]:
    write = step.write
    assert isinstance(write, Put)
    asked = _is_absent(step, known) if write.if_absent else _is_there(step, known) if step.match else ""
    return {"Item": step.store.image(write.item), **_conditional(asked, tells=not write.if_absent)}


def _update(step: Step, known: Placeholders) -> dict[str, Any]:
    write = step.write
    assert isinstance(write, Update)
    changed, added, removed = dict(write.set or {}), dict(write.add or {}), [name for name in write.remove if name]
    if step.store.is_heard:
        if step.is_traced:
            changed[wire.ENVELOPE] = wire.carried()
        else:
            removed.append(wire.ENVELOPE)
    if not (changed or added or removed):
        removed.append(wire.ENVELOPE)  # a transaction takes no update of nothing
    creates = step.is_free and bool(changed or added)
    terms = [_lives(step, known) if creates else _is_there(step, known)]
    terms += [_stays_in_64_bits(name, amount, known) for name, amount in added.items() if type(amount) is int]
    return {
        "Key": from_item(step.key),
        "UpdateExpression": updating(changed, added, removed, known),
        **_conditional(" AND ".join(filter(None, terms))),
    }


def _delete(step: Step, known: Placeholders) -> dict[str, Any]:
    return {"Key": from_item(step.key), **_conditional(_is_there(step, known) if step.match else "")}


def _check(step: Step, known: Placeholders) -> dict[str, Any]:
    assert isinstance(step.write, Check)
    asked = _is_absent if step.write.if_absent else _is_there
    return {"Key": from_item(step.key), **_conditional(asked(step, known), tells=not step.write.if_absent)}


def _conditional(expression: str, *, tells: bool = True) -> dict[str, Any]:
    """Return the parameters of a condition; one that `tells` answers with the item that it failed on."""
    if not expression:
        return {}
    told = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if tells else {}
    return {"ConditionExpression": expression, **told}


def _is_absent(step: Step, known: Placeholders) -> str:
    absent = f"attribute_not_exists({_partition(step, known)})"
    return f"({absent} OR {_has_expired(step, known)})" if step.store.ttl else absent


def _is_there(step: Step, known: Placeholders) -> str:
    terms = [f"attribute_exists({_partition(step, known)})", _lives(step, known), *matching(step.match or {}, known)]
    return " AND ".join(filter(None, terms))


def _lives(step: Step, known: Placeholders) -> str:
    return f"NOT ({_has_expired(step, known)})" if step.store.ttl else ""


def _has_expired(step: Step, known: Placeholders) -> str:
    """Return a term that is false where there is no item, or its expiry is no number."""
    return f"{known.name(step.store.ttl)} <= {known.value(time.time())}"


def _partition(step: Step, known: Placeholders) -> str:
    return known.name(next(iter(step.key)))


def _stays_in_64_bits(name: str, amount: int, known: Placeholders) -> str:
    """Return a term that is false where a stored int would grow over what every provider keeps."""
    first, last = (_MOST_INT - amount + 1, _MOST_INT) if amount > 0 else (_LEAST_INT, _LEAST_INT - amount - 1)
    return f"NOT ({known.name(name)} BETWEEN {known.value(first)} AND {known.value(last)})" if amount else ""


_FORMS: Mapping[type, tuple[str, Callable[[Step, Placeholders], dict[str, Any]]]] = {
    Put: ("Put", _put),
    Update: ("Update", _update),
    Delete: ("Delete", _delete),
    Check: ("ConditionCheck", _check),
}
"""A write to what a transaction calls it, and what makes its parameters."""
