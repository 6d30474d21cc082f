"""Runs a Pulumi program under mocks and records all that it registers, options included.

Unlike in `tests/emulators/gcp` nothing real comes of it, so it is quick: for what the program alone can tell.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import pulumi
from pulumi.runtime import mocks, rpc, settings, stack

from isthmus.shapes import is_list, is_mapping
from tests.infra.registered import Bundle, Deployed, Everything, Registered

__all__ = ["Bundle", "Deployed", "Everything", "Registered"]

ACCOUNT = "shop-project"
NUMBER = "123456789012"
REGION = "europe-west3"
STORAGE = f"service-{NUMBER}@gs-project-accounts.iam.gserviceaccount.com"
"""The account of Cloud Storage, which the project has from when it is asked for."""

PROJECT = "orders"
STACK = "pulumi:pulumi:Stack"
HANDLERS = "tests.gcp.infra.handlers"


class _Mocks(mocks.Mocks):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs: dict[str, Any] = cast("Any", args).inputs
        if settings.is_dry_run():
            return "", inputs
        name = inputs.get("name") or f"{args.name}-1a2b3c4"
        computed: dict[str, Any] = {"name": name, "secretId": name, "defaultHostname": "gateway.test"}
        if args.typ == "gcp:cloudfunctionsv2/function:Function":
            computed["serviceConfig"] = {**inputs["serviceConfig"], "uri": f"https://{name}-abc.a.run.app"}
            return _path(args.typ, name), {**inputs, **computed}
        return _path(args.typ, name), {**computed, **inputs}

    def call(self, args: mocks.MockCallArgs) -> Any:
        known: Mapping[str, Any] = {
            "gcp:organizations/getProject:getProject": {"number": NUMBER, "projectId": ACCOUNT},
            "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": {
                "emailAddress": STORAGE,
                "member": f"serviceAccount:{STORAGE}",
            },
        }
        self.asked.append(args.token)
        return known[args.token], []


def _path(kind: str, name: str) -> str:
    """Return an id as the provider gives it to what is named in a project."""
    folder = {"gcp:pubsub/topic:Topic": "topics", "gcp:pubsub/subscription:Subscription": "subscriptions"}.get(kind)
    return f"projects/{ACCOUNT}/{folder}/{name}" if folder else f"{name}-id"


@contextmanager
def _loop() -> Generator[None]:
    """Give this thread an event loop that is closed again; Pulumi would make one, and leave it open."""
    if threading.current_thread() is threading.main_thread():
        yield
        return
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


class _Monitor(mocks.MockMonitor):
    def __init__(self, mocked: _Mocks, resources: list[Registered]) -> None:
        super().__init__(mocked)
        self.seen = resources

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """Return the URN that the engine gives: with the types of all ancestors but the stack."""
        above = parent.split("::")[2] if parent else ""
        kind = type_ if above in ("", STACK) else f"{above}${type_}"
        return "::".join([f"urn:pulumi:{settings.get_stack()}", settings.get_project(), kind, name])

    def Invoke(self, request: Any) -> Any:  # noqa: N802 - the name is gRPC's
        stock: Any = super()
        with _loop():
            return stock.Invoke(request)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the name is gRPC's
        stock: Any = super()
        with _loop():
            answer: Any = stock.RegisterResource(request)
        if request.type != STACK:
            assert answer.urn not in {resource.urn for resource in self.seen}, f"{answer.urn} is registered twice"
            inputs: dict[str, Any] = plain(rpc.deserialize_properties(request.object))
            self.seen.append(Registered(answer.urn, request.type, request.name, inputs, request))
        return answer


def run(
    program: Callable[[], object],
    *,
    stack_name: str = "gcp-dev",
    preview: bool = False,
    config: Mapping[str, str] | None = None,
) -> Deployed:
    """Run a program; whatever it raises comes with `resources`, all that it had registered by then."""
    found: list[Registered] = []
    _forget()
    known = {"gcp:project": ACCOUNT, "gcp:region": REGION}
    pulumi.runtime.set_all_config(dict(known if config is None else config))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    mocked = _Mocks()
    mocks.set_mocks(mocked, project=PROJECT, stack=stack_name, preview=preview, monitor=_Monitor(mocked, found))
    outputs: dict[str, Any] = {}
    try:
        loop.run_until_complete(_main(program, outputs, preview=preview))
    except BaseException as error:
        error.resources = found  # type: ignore[attr-defined]
        raise
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        _forget()
    return Deployed(sorted(found, key=lambda resource: resource.urn), outputs, mocked.asked)


async def _main(program: Callable[[], Any], outputs: dict[str, Any], *, preview: bool) -> None:
    await stack.run_pulumi_func(program)
    root: Any = settings.get_root_resource()
    for name, value in root.outputs.items():
        outputs[name] = await pulumi.Output.from_input(value).future(with_unknowns=preview)


def _forget() -> None:
    """A failed deployment leaves tasks of its dead loop behind, which the next one would wait for, for ever."""
    settings.set_root_resource(None)  # type: ignore[arg-type]
    current: Any = settings.SETTINGS
    current.rpc_manager.clear()
    current.outputs.clear()


def plain(value: Any) -> Any:
    """Return an input without the floats that numbers travel as."""
    if is_mapping(value):
        return {key: plain(entry) for key, entry in value.items()}
    if is_list(value):
        return [plain(entry) for entry in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
