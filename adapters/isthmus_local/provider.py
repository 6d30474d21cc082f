"""The tables that make this package a provider; each is imported when somebody looks at it."""

from __future__ import annotations

from isthmus._typing import Any, Callable, Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:  # a worker's start does not pay for what only checkers and deployments need
    from isthmus.capabilities import Capabilities
    from isthmus.declarations.app import App
    from isthmus.declarations.function import Function
    from isthmus.declarations.resource import Resource
    from isthmus.declarations.target import Target
    from isthmus.ports import Codec, Provider, Testbed
    from isthmus.tool_ports import DevOptions, RunningApp, SecretStore


class LocalProvider:
    """The laptop: everything in one directory, handlers in processes of their own."""

    name = "local"
    takes_faults = True

    @property
    def codecs(self) -> Mapping[str, Codec[Any]]:
        """Trigger kind to codec."""
        from isthmus_local.events.codecs import codecs

        return codecs

    @property
    def clients(self) -> Mapping[str, str]:
        """Kind of linked resource to its client's class."""
        from isthmus_local.linked import CLIENTS

        return CLIENTS

    @property
    def components(self) -> Mapping[str, Any]:
        """Nothing: a laptop is not deployed to."""
        return {}

    @property
    def capabilities(self) -> Capabilities:
        """What a laptop can do."""
        from isthmus_local.capabilities import CAPABILITIES

        return CAPABILITIES

    def located(self, target: Target) -> Target:
        """Return it as it is: a laptop has neither account nor region."""
        return target

    def prepare(self, plan: Any) -> Any:
        """Do nothing: nothing is deployed."""
        return None

    @property
    def checks(self) -> Sequence[Any]:
        """Nothing: what holds on every provider is all."""
        return ()

    @property
    def notes(self) -> Sequence[Any]:
        """Nothing."""
        return ()

    def physical_name(self, app: App, target: Target, kind: str, name: str) -> str:
        """Return the declared name: a state directory holds one app and one stage."""
        return name

    def delivery_names(self, app: App, target: Target, source: Resource, function: Function) -> Sequence[str]:
        """Return none: the supervisor names the source of each event as it is declared."""
        return ()

    @property
    def testbeds(self) -> Mapping[str, Mapping[str, Any]]:
        """The ways to run an app for a test, with their options: handlers in threads, or in processes of their own."""
        return {"threads": {}, "processes": {"processes": True}}

    def testbed(self, app: Callable[[Target], App], **options: Any) -> Testbed:
        """Run `app` in this process, for a test: see `isthmus_local.testbed.testbed`."""
        from isthmus_local.testbed import testbed

        return testbed(app, **options)

    def secrets(self, app_name: str, target: Target) -> SecretStore:
        """Return the secrets of a stage, which are in its state directory under the working directory."""
        from pathlib import Path

        from isthmus_local.secret_store import SecretStore

        return SecretStore(Path.cwd() / ".isthmus" / target.stage)

    def running(self, app: App, target: Target) -> RunningApp:
        """Return the app that `isthmus dev` runs in a stage, under the working directory."""
        from pathlib import Path

        from isthmus_local.running_app import RunningApp

        return RunningApp(Path.cwd() / ".isthmus" / target.stage, target.stage)

    def dev(self, options: DevOptions) -> int:
        """Run the app on this machine until it is told to stop: see `isthmus_local.dev`."""
        from isthmus_local.dev import dev

        return dev(options)


provider: Provider = LocalProvider()
