"""A provider of no cloud, for tests that need one to plan with: its limits and rows are the test's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from isthmus.capabilities import SUPPORTED, Capabilities, Limits, Support, features
from isthmus.declarations.app import App
from isthmus.declarations.function import Function
from isthmus.declarations.resource import Resource
from isthmus.declarations.target import Target
from isthmus.ports import Codec, Provider, Testbed


class FakeProvider:
    """Does everything but what `rows` say, within `limits`; names resources as `app-stage-name`."""

    name = "fake"

    def __init__(self, rows: Mapping[str, Support] | None = None, limits: Limits | None = None) -> None:
        self._capabilities = Capabilities(
            rows={**dict.fromkeys(features(), SUPPORTED), **(rows or {})},
            limits=limits or Limits(environment_bytes=32 * 1024),
        )

    @property
    def codecs(self) -> Mapping[str, Codec[Any]]:
        return {}

    @property
    def clients(self) -> Mapping[str, str]:
        return {}

    @property
    def components(self) -> Mapping[str, Any]:
        return {}

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def located(self, target: Target) -> Target:
        return target

    def prepare(self, plan: Any) -> Any:
        return None

    @property
    def checks(self) -> Sequence[Any]:
        return ()

    @property
    def notes(self) -> Sequence[Any]:
        return ()

    def physical_name(self, app: App, target: Target, kind: str, name: str) -> str:
        return f"{app.name}-{target.stage}-{name}"

    def delivery_names(self, app: App, target: Target, source: Resource, function: Function) -> Sequence[str]:
        return [self.physical_name(app, target, source.kind, source.name)]

    def testbed(self, app: Callable[[Target], App], **options: Any) -> Testbed:
        raise NotImplementedError


provider: Provider = FakeProvider()
