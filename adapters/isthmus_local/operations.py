"""What a worker may ask of the supervisor, and the check of its links: a handler cannot talk its way past them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from isthmus.declarations.resource import Resource
from isthmus.errors import AccessDeniedError, InvalidValueError, NotLinkedError
from isthmus.links import Identity
from isthmus_local import presign
from isthmus_local.store import buckets, invocations, logs, queues, secrets, topics, transactions
from isthmus_local.store.indexes import Lag, prompt
from isthmus_local.store.table_operations import lagging
from isthmus_local.workflow_attempts import Attempts
from isthmus_local.workflow_operations import workflow_operations
from isthmus_local.workflow_requests import Requests
from isthmus_local.workflow_steps import Steps

Operation: TypeAlias = tuple[str, str, Callable[..., Any]]
"""The kind of resource, the verb that a link must grant, and the function over a transaction."""

Answer: TypeAlias = "Callable[..., asyncio.Future[Any]]"
"""Does what is no operation of the store: called with the declared resource and the arguments."""


def operations(lag: Lag = prompt, steps: Steps | None = None) -> Mapping[str, Operation]:
    """Return all there is to ask, by name; tables' writes reach their indexes as late as `lag` says.

    `steps` are those of the app's workflows.
    """
    return {
        **lagging(lag),
        **queues.OPERATIONS,
        **topics.OPERATIONS,
        **logs.OPERATIONS,
        **buckets.OPERATIONS,
        **presign.OPERATIONS,
        **secrets.OPERATIONS,
        **invocations.OPERATIONS,
        **(workflow_operations(steps, Requests(steps)) if steps else {}),
        "function.invoke": ("function", "invoke", _not_of_the_store),
        "workflow.wait": ("workflow", "start", _not_of_the_store),
    }


class Operations:
    """Answers what handlers ask: `identities` are the functions by name, `resources` the declarations by name.

    `answers` does, by the name of the operation, what is none of the store.
    """

    def __init__(
        self,
        *,
        identities: Mapping[str, Identity],
        resources: Mapping[str, Resource],
        attempts: Attempts,
        answers: Mapping[str, Answer],
        lag: Lag = prompt,
        steps: Steps | None = None,
    ) -> None:
        self._identities = identities
        self._resources = resources
        self._attempts = attempts
        self._answers = answers
        self._operations = operations(lag, steps)

    def call(self, function: str, op: str, resource: str, args: Sequence[Any]) -> asyncio.Future[Any]:
        """Return a future of what `op` on `resource` comes to for `function`, durable when it is done.

        It raises `NotLinkedError` or `AccessDeniedError` where the function's links do not allow it.
        """
        try:
            self._check(self._identities[function], op, resource, args)
        except (NotLinkedError, AccessDeniedError, InvalidValueError) as error:
            future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            future.set_exception(error)
            return future
        return self.perform(op, resource, args)

    def perform(self, op: str, resource: str, args: Sequence[Any]) -> asyncio.Future[Any]:
        """Do `op` without a check: for the runtime itself, and for tests, which may do anything."""
        if op in self._answers:
            return self._answers[op](self._resources[resource], *args)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def answer(result: Any, error: BaseException | None) -> None:
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        self._attempts.post(answer, self._operations[op][2], self._resources[resource], *args)
        return future

    def _check(self, identity: Identity, op: str, resource: str, args: Sequence[Any]) -> None:
        if op not in self._operations:
            raise InvalidValueError(f"there is no operation {op!r}")
        kind, verb, _ = self._operations[op]
        for name in _names(op, resource, args):
            link = identity.links.get(name)
            if link is None:
                raise NotLinkedError(name, function=identity.function, linked=identity.links)
            if link.kind != kind:
                raise InvalidValueError(f"{op!r} is nothing that can be done to the {link.kind} {name!r}")
            if verb not in link.verbs:
                raise AccessDeniedError(name, verb, function=identity.function, granted=link.verbs)


def _names(op: str, resource: str, args: Sequence[Any]) -> Iterator[str]:
    """Yield every resource that an operation touches."""
    yield resource
    if op == "table.transact":
        yield from transactions.tables_of(args[0])


def _not_of_the_store(*_: Any) -> None:
    raise InvalidValueError("an invocation is run, and an end waited for: neither is stored")
