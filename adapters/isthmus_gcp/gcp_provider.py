"""The tables that make this package a provider; each is imported when somebody looks at it."""

from __future__ import annotations

from isthmus._typing import Any, Callable, Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:  # a function's start does not pay for what only checkers and deployments need
    from isthmus.bundling.bundle import Bundle
    from isthmus.capabilities import Capabilities
    from isthmus.declarations.app import App
    from isthmus.declarations.function import Function
    from isthmus.declarations.resource import Resource
    from isthmus.declarations.target import Target
    from isthmus.plan import Plan
    from isthmus.ports import Codec, Provider, Testbed
    from isthmus.tool_ports import RunningApp, SecretStore


class GcpProvider:
    """Google Cloud: one function for each api and each subscribed handler, and the services around them."""

    name = "gcp"

    @property
    def codecs(self) -> Mapping[str, Codec[Any]]:
        """Trigger kind to codec."""
        from isthmus_gcp.events.codecs import codecs

        return codecs

    @property
    def clients(self) -> Mapping[str, str]:
        """Kind of linked resource to its client's class."""
        from isthmus_gcp.linked import CLIENTS

        return CLIENTS

    @property
    def components(self) -> Mapping[str, Any]:
        """Kind of resource to what makes a Pulumi component of it."""
        from isthmus_gcp.infra.components import COMPONENTS

        return COMPONENTS

    @property
    def capabilities(self) -> Capabilities:
        """What Google Cloud can do."""
        from isthmus_gcp.capabilities import CAPABILITIES

        return CAPABILITIES

    @property
    def checks(self) -> Sequence[Any]:
        """What Google would refuse, told before anything is created."""
        from isthmus_gcp.rules.tables import CHECKS

        return CHECKS

    @property
    def notes(self) -> Sequence[Any]:
        """What Google does otherwise than one might think."""
        from isthmus_gcp.rules.tables import NOTES

        return NOTES

    def located(self, target: Target) -> Target:
        """Return `target` with the project and the region of the Pulumi program that runs."""
        from isthmus_gcp.infra.location import located

        return located(target)

    def prepare(self, plan: Any) -> Any:
        """Build and prove the bundle of each function of a `Plan`, and look at each component, before any is made."""
        from isthmus_gcp.bundles import bundles
        from isthmus_gcp.infra.components import complete, ready

        ready(plan)
        return complete(plan, bundles(plan))

    def bundles(self, plan: Plan, *, progress: Callable[[str], None]) -> Mapping[str, Bundle]:
        """Build and prove the bundle of each function of a plan, for `isthmus bundle`."""
        from isthmus_gcp.bundles import bundles

        return bundles(plan, progress=progress)

    def physical_name(self, app: App, target: Target, kind: str, name: str) -> str:
        """Return the fixed name of a resource: `app-stage-name-hash`."""
        from isthmus_gcp.names import physical_name

        return physical_name(app, target, kind, name)

    def delivery_names(self, app: App, target: Target, source: Resource, function: Function) -> Sequence[str]:
        """Return the names of the subscriptions, or of the table, that events of `source` reach a function through."""
        from isthmus_gcp.names import delivery_names

        return delivery_names(app, target, source, function)

    def testbed(self, app: Callable[[Target], App], **options: Any) -> Testbed:
        """Return the deployed app, for a test: see `isthmus_gcp.testbed.testbed`."""
        from isthmus_gcp.testbed import testbed

        return testbed(app, **options)

    def secrets(self, app_name: str, target: Target) -> SecretStore:
        """Return the secrets of a stage, which are in Secret Manager."""
        from isthmus_gcp.secret_store import SecretStore

        return SecretStore(app_name, target)

    def running(self, app: App, target: Target) -> RunningApp:
        """Return the app that is deployed on a target."""
        from isthmus_gcp.running_app import RunningApp

        return RunningApp(app, target)


provider: Provider = GcpProvider()
