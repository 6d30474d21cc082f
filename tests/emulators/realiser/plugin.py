"""The front for a true Pulumi engine: a provider plugin over the same table."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi.provider.experimental import provider
from pulumi.provider.experimental.property_value import PropertyValue

from tests.emulators.realiser import kind as kinds
from tests.emulators.realiser.assets import is_asset
from tests.emulators.realiser.kind import Kind, UnknownKindError
from tests.emulators.realiser.mocks import Call
from tests.emulators.realiser.wire import (
    Properties,
    Unknown,
    fingerprint,
    fingerprints,
    plain,
    sendable,
    wire,
    without_assets,
)

PRINTS = "realiserInputs"
"""Where a resource's state keeps the digests of its inputs."""


class Plugin(provider.Provider):
    """Makes, changes, reads and removes what an engine asks for; `base` is the folder that the program runs in."""

    def __init__(self, session: Any, table: Mapping[str, Kind], calls: Mapping[str, Call], base: Path) -> None:
        self._session = session
        self._table = table
        self._calls = calls
        self._base = base

    async def check_config(self, request: provider.CheckRequest) -> provider.CheckResponse:
        """Take any configuration."""
        return provider.CheckResponse(inputs=request.new_inputs)

    async def diff_config(self, request: provider.DiffRequest) -> provider.DiffResponse:
        """Say that no configuration replaces anything."""
        return provider.DiffResponse(changes=False)

    async def configure(self, request: provider.ConfigureRequest) -> provider.ConfigureResponse:
        """Ask for previews: without them the engine would hand over assets whose contents it has left out."""
        return provider.ConfigureResponse(
            accept_secrets=True, supports_preview=True, accept_resources=True, accept_outputs=True
        )

    async def check(self, request: provider.CheckRequest) -> provider.CheckResponse:
        """Fill in the name, which stays what it was, and turn assets into what later requests can carry."""
        kind = self._kind(request.type, request.name)
        inputs = without_assets(request.new_inputs, self._base)
        if kind.name and not plain(inputs).get(kind.name):
            before = plain(request.old_inputs or {}).get(kind.name)
            named = kinds.named(kind, request.name, plain(inputs), request.random_seed)
            inputs[kind.name] = wire(before or named[kind.name])
        return provider.CheckResponse(inputs=inputs)

    async def diff(self, request: provider.DiffRequest) -> provider.DiffResponse:
        """Compare the digests of the inputs with those that the state keeps: what has been imported has none yet."""
        kind = self._kind(request.type, request.name)
        old: dict[str, str] = json.loads(str(plain(request.old_state).get(PRINTS, "{}")))
        new = fingerprints(plain(request.new_inputs))
        ignored = set(request.ignore_changes or [])
        changed = [name for name in {*old, *new} if old.get(name) != new.get(name) and name not in ignored]
        replaces = [name for name in changed if old and (kind.change is None or name in kind.replaced_by)]
        return provider.DiffResponse(
            changes=bool(changed),
            replaces=replaces,
            diffs=sorted(changed),
            delete_before_replace=bool(replaces) and not (kind.name and kind.name in changed),
        )

    async def create(self, request: provider.CreateRequest) -> provider.CreateResponse:
        """Make a resource; a preview knows only its inputs."""
        kind, inputs = self._kind(request.type, request.name), plain(request.properties)
        if request.preview:
            properties = self._state(request.properties, inputs, dict.fromkeys(kind.outputs, Unknown()))
            return provider.CreateResponse(resource_id="", properties=properties)
        made = await asyncio.to_thread(kinds.create, kind, self._session, inputs)
        return provider.CreateResponse(
            resource_id=made.id, properties=self._state(request.properties, inputs, made.outputs)
        )

    async def update(self, request: provider.UpdateRequest) -> provider.UpdateResponse:
        """Change a resource in place."""
        kind, inputs = self._kind(request.type, request.name), plain(request.news)
        if request.preview:
            known = {name: value for name, value in plain(request.olds).items() if name in kind.outputs}
            return provider.UpdateResponse(properties=self._state(request.news, inputs, known))
        outputs = await asyncio.to_thread(kinds.change, kind, self._session, request.resource_id, inputs)
        return provider.UpdateResponse(properties=self._state(request.news, inputs, outputs))

    async def read(self, request: provider.ReadRequest) -> provider.ReadResponse:
        """Return what a resource is now; one that is gone has no id. What has drifted will differ in the next Diff."""
        kind, state = self._kind(request.type, request.name), plain(request.properties)
        found = await asyncio.to_thread(kinds.read, kind, self._session, request.resource_id, state)
        if found is None:
            return provider.ReadResponse(resource_id="", properties={}, inputs={})
        prints: dict[str, str] = json.loads(str(state.get(PRINTS, "{}")))
        prints.update({name: fingerprint(value) for name, value in found.items() if name in prints})
        now = {name: wire(value) for name, value in found.items() if value != state.get(name)}
        properties = {**request.properties, **now, PRINTS: PropertyValue(json.dumps(prints, sort_keys=True))}
        inputs = {**request.inputs, **{name: value for name, value in now.items() if name in request.inputs}}
        return provider.ReadResponse(resource_id=request.resource_id, properties=properties, inputs=inputs)

    async def delete(self, request: provider.DeleteRequest) -> None:
        """Remove a resource; one that is gone already is removed."""
        kind = self._kind(request.type, request.name)
        await asyncio.to_thread(kinds.remove, kind, self._session, request.resource_id, plain(request.properties))

    async def invoke(self, request: provider.InvokeRequest) -> provider.InvokeResponse:
        """Answer an invoke."""
        if request.tok not in self._calls:
            raise NotImplementedError(f"no answer for the invoke {request.tok}")
        answer = await asyncio.to_thread(self._calls[request.tok], self._session, plain(request.args))
        return provider.InvokeResponse(return_value={name: wire(value) for name, value in answer.items()})

    def _kind(self, qualified: str, name: str) -> Kind:
        """Return the kind of a type, which has its parents' types before it: `app:index:Store$aws:s3/bucket:Bucket`."""
        token = qualified.rpartition("$")[2]
        if token not in self._table:
            raise UnknownKindError(token, name)
        return self._table[token]

    def _state(
        self, properties: Properties, inputs: Mapping[str, Any], outputs: Mapping[str, Any]
    ) -> dict[str, PropertyValue]:
        """Return a state: the inputs, as secret as they came, and the outputs.

        Assets are left out: the program's typed class would refuse the plain data that stands for them.
        """
        named = {name: value for name, value in properties.items() if name in inputs and not is_asset(inputs[name])}
        kept = {name: sendable(value) for name, value in named.items()}
        prints = PropertyValue(json.dumps(fingerprints(inputs), sort_keys=True))
        return {**kept, **{name: wire(value) for name, value in outputs.items()}, PRINTS: prints}
