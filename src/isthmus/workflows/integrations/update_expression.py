"""An update expression, as the changes that a table can make in one step: attributes set, counted up and removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from isthmus.shapes import is_number
from isthmus.workflows.integrations.tokens import Tokens

CLAUSES = ("SET", "REMOVE", "ADD")


@dataclass(slots=True)
class Changes:
    """What an update does; `counted` are the attributes that must be there to be counted up."""

    set: dict[str, Any] = field(default_factory=lambda: {})
    add: dict[str, Any] = field(default_factory=lambda: {})
    remove: list[str] = field(default_factory=lambda: [])
    counted: list[str] = field(default_factory=lambda: [])

    @property
    def attributes(self) -> list[str]:
        """Return the attributes that change."""
        return [*self.set, *self.add, *self.remove]


def parse(tokens: Tokens) -> Changes:
    """Return the changes of an expression; `RefusedError` names what a table cannot do."""
    changes = Changes()
    seen: list[str] = []
    while tokens.next:
        clause = tokens.word()
        if clause == "DELETE":
            raise tokens.refused("DELETE takes entries out of a set, and a table of an app keeps no sets")
        if clause not in CLAUSES or clause in seen:
            raise tokens.wrong(f"one of {', '.join(CLAUSES)} should come, each once")
        seen.append(tokens.take().upper())
        _clause(tokens, clause, changes)
    return changes


def _clause(tokens: Tokens, clause: str, changes: Changes) -> None:
    step = {"SET": _set, "ADD": _add, "REMOVE": _remove}[clause]
    step(tokens, changes)
    while tokens.skip(","):
        step(tokens, changes)


def _remove(tokens: Tokens, changes: Changes) -> None:
    changes.remove.append(tokens.attribute())


def _add(tokens: Tokens, changes: Changes) -> None:
    attribute = tokens.attribute()
    changes.add[attribute] = _amount(tokens)


def _set(tokens: Tokens, changes: Changes) -> None:
    attribute = tokens.attribute()
    tokens.expect("=")
    if tokens.is_value:
        changes.set[attribute] = tokens.value()
        if tokens.next in ("+", "-"):
            raise tokens.refused("a value that is added comes after the attribute it is added to")
        return
    from_zero = _starts_at_zero(tokens, attribute)
    sign = tokens.take()
    if sign not in ("+", "-"):
        raise tokens.refused(f"{attribute} can be set to a value, or to itself with a number added or subtracted")
    amount = _amount(tokens)
    changes.add[attribute] = amount if sign == "+" or not is_number(amount) else -amount
    if not from_zero:
        changes.counted.append(attribute)


def _starts_at_zero(tokens: Tokens, attribute: str) -> bool:
    """Read what an attribute is counted up from: itself, or itself and else 0, which is what a table counts from."""
    word = tokens.next
    if word == "list_append":
        raise tokens.refused("list_append cannot be expressed: set the whole list")
    if word != "if_not_exists":
        if tokens.attribute() != attribute:
            raise tokens.refused("an attribute cannot be set to another one")
        return False
    tokens.take()
    tokens.expect("(")
    same = tokens.attribute() == attribute
    tokens.expect(",")
    start = tokens.value()
    tokens.expect(")")
    if not same or tokens.next not in ("+", "-") or (tokens.has_values and (not is_number(start) or start != 0)):
        raise tokens.refused("if_not_exists can only count an attribute up from 0: a = if_not_exists(a, :zero) + :n")
    return True


def _amount(tokens: Tokens) -> Any:
    amount = tokens.value()
    if tokens.has_values and not is_number(amount):
        raise tokens.refused("only a number can be added: a table of an app keeps no sets")
    return amount
