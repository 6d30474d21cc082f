"""The integrations of tables: items and conditions in typed values, over the client of a linked table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from isthmus.conditions import present
from isthmus.errors import ConditionFailedError
from isthmus.shapes import is_mapping, shown
from isthmus.table_keys import Keyed, fields_of, names
from isthmus.workflows.integrations import condition_expression, key_condition, projection, update_expression
from isthmus.workflows.integrations.condition_expression import ALWAYS, Alternative
from isthmus.workflows.integrations.refusals import RefusedError, mapping, required, text
from isthmus.workflows.integrations.tokens import Tokens
from isthmus.workflows.integrations.typed_values import decode_item, encode_item
from isthmus.workflows.integrations.update_expression import Changes
from isthmus.workflows.tasks import Task

CURSOR = "cursor"
"""The one field of the key after which a listing goes on: what it holds is a table's own."""

_ALWAYS_KNOWN = ("TableName", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics")
_EXPRESSED = ("ExpressionAttributeNames", "ExpressionAttributeValues")
_WRITES = (*_ALWAYS_KNOWN, *_EXPRESSED, "ConditionExpression", "ReturnValues", "ReturnValuesOnConditionCheckFailure")

KNOWN: Mapping[str, frozenset[str]] = {
    "getItem": frozenset((*_ALWAYS_KNOWN, "Key", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames")),
    "putItem": frozenset((*_WRITES, "Item")),
    "updateItem": frozenset((*_WRITES, "Key", "UpdateExpression")),
    "deleteItem": frozenset((*_WRITES, "Key")),
    "query": frozenset(
        (
            *_ALWAYS_KNOWN,
            *_EXPRESSED,
            *("IndexName", "KeyConditionExpression", "FilterExpression", "ProjectionExpression", "Select"),
            *("Limit", "ScanIndexForward", "ExclusiveStartKey", "ConsistentRead"),
        )
    ),
}
"""The arguments that each action takes."""

RETURNED: Mapping[str, Sequence[str]] = {
    "putItem": ("NONE",),
    "updateItem": ("NONE", "ALL_NEW", "UPDATED_NEW"),
    "deleteItem": ("NONE", "ALL_OLD"),
}
"""What each write can return of the item: what one atomic step of a table gives."""


def run(task: Task, arguments: Mapping[str, Any], client: Any) -> dict[str, Any]:
    """Do what a task asks of a table."""
    return _ACTIONS[task.action](arguments, client)


def problems(action: str, written: Mapping[str, Any]) -> Sequence[str]:
    """Return what is wrong with arguments as far as a document says them."""
    found: list[str] = []
    for check in (_returned, *(_form(name) for name in _FORMS)):
        try:
            check(action, written)
        except ValueError as error:
            found.append(str(error))
    return found


def _get(arguments: Mapping[str, Any], client: Any) -> dict[str, Any]:
    item = client.get(_key(arguments, client))
    return {} if item is None else {"Item": encode_item(_projected(arguments, item))}


def _put(arguments: Mapping[str, Any], client: Any) -> dict[str, Any]:
    item = decode_item(required(arguments, "Item"), "Item")
    _returned("putItem", arguments)

    def put(one: Alternative) -> None:
        client.put(item, if_absent=one.absent, if_match=one.match or None)

    _first_that_holds(_alternatives(arguments, client), put)
    return {}


def _delete(arguments: Mapping[str, Any], client: Any) -> dict[str, Any]:
    key = _key(arguments, client)
    returned = _returned("deleteItem", arguments)

    def delete(one: Alternative) -> Any:
        if not one.absent:
            return client.delete(key, if_match=one.match or None)
        if client.get(key) is not None:
            raise ConditionFailedError("there is an item")
        return None

    old = _first_that_holds(_alternatives(arguments, client), delete)
    return {"Attributes": encode_item(old)} if returned == "ALL_OLD" and old else {}


def _update(arguments: Mapping[str, Any], client: Any) -> dict[str, Any]:
    key = _key(arguments, client)
    returned = _returned("updateItem", arguments)
    source = arguments.get("UpdateExpression")
    changes = Changes() if source is None else update_expression.parse(_tokens(arguments, source))
    fields = decode_item(arguments["Key"], "Key")

    def update(one: Alternative) -> Any:
        return _created(client, key, fields, changes) if one.absent else _changed(client, key, changes, one)

    new = _first_that_holds(_alternatives(arguments, client), update)
    if returned == "NONE":
        return {}
    shown_of = new if returned == "ALL_NEW" else {name: new[name] for name in changes.attributes if name in new}
    return {"Attributes": encode_item(shown_of)} if shown_of else {}


def _created(client: Any, key: Any, fields: Mapping[str, Any], changes: Changes) -> Any:
    """Write an item that must not be there yet: of an update, that is the whole item."""
    if changes.counted and client.get(key) is not None:
        raise ConditionFailedError("there is an item")
    if changes.counted:
        raise RefusedError(f"{changes.counted[0]} is not there to be counted up")
    item = {**fields, **changes.set, **changes.add}
    client.put(item, if_absent=True)
    return item


def _changed(client: Any, key: Any, changes: Changes, one: Alternative) -> Any:
    match: dict[str, Any] = dict(one.match)
    counted = {name: present() for name in changes.counted if name not in match}
    try:
        return client.update(
            key, set=changes.set, add=changes.add, remove=changes.remove, if_match={**match, **counted} or None
        )
    except ConditionFailedError:
        if match or not counted:
            raise
        raise RefusedError(f"{changes.counted[0]} is not there to be counted up") from None


def _query(arguments: Mapping[str, Any], client: Any) -> dict[str, Any]:
    index = arguments.get("IndexName")
    keyed = _keyed(client)
    fields = fields_of(keyed, index) if keyed else None
    source = text(arguments, "KeyConditionExpression")
    partition, bounds = key_condition.parse(_tokens(arguments, source), fields)
    page = client.query(
        partition,
        index=index,
        reverse=arguments.get("ScanIndexForward") is False,
        limit=arguments.get("Limit"),
        cursor=_cursor(arguments),
        **bounds,
    )
    kept = [item for item in page if _passes(arguments, item)]
    counted = {"Count": len(kept), "ScannedCount": len(page)}
    items = {"Items": [encode_item(_projected(arguments, item)) for item in kept]}
    more = {"LastEvaluatedKey": {CURSOR: {"S": page.cursor}}} if page.cursor else {}
    return {**({} if arguments.get("Select") == "COUNT" else items), **counted, **more}


def _first_that_holds(alternatives: Sequence[Alternative], write: Callable[[Alternative], Any]) -> Any:
    for one in alternatives:
        try:
            return write(one)
        except ConditionFailedError:
            continue
    raise ConditionFailedError("The conditional request failed")


def _alternatives(arguments: Mapping[str, Any], client: Any) -> Sequence[Alternative]:
    source = arguments.get("ConditionExpression")
    if source is None:
        return ALWAYS
    keyed = _keyed(client)
    keys = names(keyed.primary_index) if keyed else tuple(mapping(arguments, "Key"))
    return condition_expression.parse(_tokens(arguments, source), keys)


def _passes(arguments: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    source = arguments.get("FilterExpression")
    return source is None or condition_expression.holds(
        condition_expression.parse(_tokens(arguments, source), ()), item
    )


def _projected(arguments: Mapping[str, Any], item: Mapping[str, Any]) -> Mapping[str, Any]:
    source = arguments.get("ProjectionExpression")
    return item if source is None else projection.project(item, projection.parse(_tokens(arguments, source)))


def _key(arguments: Mapping[str, Any], client: Any) -> Any:
    """Return the key as a table's client takes it: the partition's value, or both in their order."""
    given = decode_item(required(arguments, "Key"), "Key")
    keyed = _keyed(client)
    fields = names(keyed.primary_index) if keyed else tuple(given)
    if len(given) > 1 and keyed is None:
        raise RefusedError("Key has two fields, and the client of the table does not say which is the partition's")
    if set(fields) != set(given):
        raise RefusedError(f"Key has the fields {shown(sorted(given))}, and the table is keyed by {', '.join(fields)}")
    values = [given[field] for field in fields]
    return values[0] if len(values) == 1 else tuple(values)


def _keyed(client: Any) -> Keyed | None:
    keyed: Keyed | None = getattr(client, "keys", None)
    return keyed


def _cursor(arguments: Mapping[str, Any]) -> str | None:
    after = arguments.get("ExclusiveStartKey")
    if after is None:
        return None
    cursor = decode_item(after, "ExclusiveStartKey").get(CURSOR)
    if not isinstance(cursor, str):
        raise RefusedError("ExclusiveStartKey is what LastEvaluatedKey was, and not a key of one's own making")
    return cursor


def _tokens(arguments: Mapping[str, Any], source: Any) -> Tokens:
    values = mapping(arguments, "ExpressionAttributeValues")
    return Tokens(source, mapping(arguments, "ExpressionAttributeNames"), values)


def _returned(action: str, arguments: Mapping[str, Any]) -> str:
    wanted = arguments.get("ReturnValues", "NONE")
    if wanted not in RETURNED.get(action, ("NONE",)):
        raise RefusedError(f"{action}: ReturnValues {shown(wanted)} is not supported, {', '.join(RETURNED[action])} is")
    return str(wanted)


_FORMS: Mapping[str, Callable[[Tokens], Any]] = {
    "ConditionExpression": lambda tokens: condition_expression.parse(tokens, ()),
    "FilterExpression": lambda tokens: condition_expression.parse(tokens, ()),
    "KeyConditionExpression": lambda tokens: key_condition.parse(tokens, None),
    "UpdateExpression": update_expression.parse,
    "ProjectionExpression": projection.parse,
}
"""What reads each expression."""


def _form(name: str) -> Callable[[str, Mapping[str, Any]], None]:
    """Return what looks at the form of an expression in a document, whose values are computed."""

    def check(_action: str, written: Mapping[str, Any]) -> None:
        if name in written:
            given = written.get("ExpressionAttributeNames")
            _FORMS[name](Tokens(written[name], _Any() if not is_mapping(given) else given, None))

    return check


class _Any(dict[str, Any]):
    """Names that nobody knows yet: each stands for itself."""

    def get(self, key: Any, default: Any = None) -> Any:
        return key


_ACTIONS: Mapping[str, Callable[[Mapping[str, Any], Any], dict[str, Any]]] = {
    "getItem": _get,
    "putItem": _put,
    "updateItem": _update,
    "deleteItem": _delete,
    "query": _query,
}
