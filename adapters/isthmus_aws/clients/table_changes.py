"""Writes done: one by itself, or several as one transaction, tried again where another transaction is in the way."""

from __future__ import annotations

from isthmus._typing import Any, Item, Mapping, Sequence
from isthmus.errors import ConditionFailedError, InvalidValueError, IsthmusError, ServiceError, TooLargeError
from isthmus_aws.clients.backoff import pause
from isthmus_aws.clients.errors import code_of, core_error_of_code
from isthmus_aws.clients.table_steps import Step
from isthmus_aws.clients.table_store import Store

WRITE_LIMIT = 100
"""The most writes of one transaction: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html."""

SIZE_LIMIT = 4 * 1024 * 1024
"""The most bytes of the items that one transaction writes."""

ATTEMPTS = 10
"""How often a write is tried that other transactions stand in the way of, or that meets expired items."""

_PASSING = ("TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded")
_OPERATIONS: Mapping[str, str] = {"Put": "put_item", "Update": "update_item", "Delete": "delete_item"}
_ANSWERS: Mapping[str, str] = {"update_item": "ALL_NEW", "delete_item": "ALL_OLD"}


def write(step: Step) -> Item | None:
    """Do one write; returns what an update made, or what a delete removed."""
    for attempt in range(ATTEMPTS):
        try:
            return _written(step)
        except ConditionFailedError as error:
            _go_on(step, error)
        except TooLargeError:
            if not (step.store.is_heard and step.is_traced):
                raise
            step.is_traced = False  # an item just below the limit is kept rather than traced
        except ServiceError as error:
            if code_of(_cause(error)) != "TransactionConflictException" or attempt == ATTEMPTS - 1:
                raise
            pause(attempt)
    raise ServiceError(f"table {step.store.keys.name!r}: the item changed too often while it was written: try again")


def transact(store: Store, steps: Sequence[Step]) -> None:
    """Do all writes or none."""
    _check(steps)
    for attempt in range(ATTEMPTS):
        items = [{step.form: step.parameters()} for step in steps]
        try:
            store.ask("write", "transact_write_items", TransactItems=items)
        except ServiceError as error:
            _cancelled(steps, error, last=attempt == ATTEMPTS - 1)
            pause(attempt)
        else:
            return


def _written(step: Step) -> Item | None:
    operation = _OPERATIONS[step.form]
    returned = {"ReturnValues": _ANSWERS[operation]} if operation in _ANSWERS else {}
    answer = step.store.ask("write", operation, **step.parameters(), **returned)
    if step.replaces:
        return step.new()
    image = answer.get("Attributes")
    if not image:
        return None
    return step.store.seen(image) if operation == "update_item" else step.store.stored(image)


def _go_on(step: Step, error: ConditionFailedError) -> None:
    """Return where the write is to be done again; raise what the failed condition means elsewhere."""
    response: Any = getattr(_cause(error), "response", {})
    meant = step.failure(response.get("Item"))
    if meant is not None:
        raise meant from error.__cause__


def _check(steps: Sequence[Step]) -> None:
    if len(steps) > WRITE_LIMIT:
        raise InvalidValueError(f"a transaction has at most {WRITE_LIMIT} writes, and this one has {len(steps)}")
    seen: set[tuple[Any, ...]] = set()
    for step in steps:
        address = (step.store.name, *step.key.values())
        if address in seen:
            name = step.store.keys.name
            raise InvalidValueError(f"table {name!r}: a transaction has at most one write for each item")
        seen.add(address)
    size = sum(step.size for step in steps)
    if size > SIZE_LIMIT:
        raise TooLargeError("the transaction", size, SIZE_LIMIT)


def _cancelled(steps: Sequence[Step], error: ServiceError, *, last: bool) -> None:
    """Return where the transaction is to be tried again; raise why it was cancelled elsewhere."""
    response: Any = getattr(_cause(error), "response", {})
    reasons: Sequence[Mapping[str, Any]] = response.get("CancellationReasons") or ()
    if not reasons:
        raise error
    for number, (step, reason) in enumerate(zip(steps, reasons, strict=False), 1):
        meant = _meant(step, reason)
        if meant is not None:
            meant.args = (f"write {number} of {len(steps)}: {meant}",)
            raise meant from error.__cause__
    if last:
        codes = ", ".join(sorted({reason["Code"] for reason in reasons} - {"None"}))
        raise ServiceError(f"the transaction was tried {ATTEMPTS} times, and cancelled: {codes}") from error.__cause__


def _meant(step: Step, reason: Mapping[str, Any]) -> IsthmusError | None:
    """Return what it means for a write that its transaction was cancelled; None where it will pass."""
    code = reason.get("Code", "None")
    if code == "None" or code in _PASSING:
        return None
    if code == "ConditionalCheckFailed":
        return step.failure(reason.get("Item"))
    return core_error_of_code(code, f"table {step.store.keys.name!r}: {reason.get('Message', code)}")


def _cause(error: BaseException) -> BaseException:
    return error.__cause__ or error
