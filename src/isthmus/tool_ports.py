"""The ports of tools: what a provider may bring for the command line and for tests, besides `isthmus.ports`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

from isthmus.bundling.bundle import Bundle
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.message import Message
from isthmus.plan import Plan


class SecretInfo(Protocol):
    """What is known of a secret without reading it."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> int: ...  # noqa: D102


class SecretStore(Protocol):
    """The secrets of one stage, as `isthmus secret` manages them: values go in, and never come out."""

    def set(self, name: str, value: str) -> int:
        """Make `value` the current one of the secret; returns the number of this version."""
        ...

    def list(self) -> Sequence[SecretInfo]:
        """Return each secret that has a value."""
        ...

    def remove(self, name: str) -> bool:
        """Forget the secret; False where it had no value."""
        ...


@runtime_checkable
class TakesFaults(Protocol):
    """A provider whose testbed has an option `faults`: the `isthmus.testing.Faults` that it lets happen."""

    takes_faults: bool


@runtime_checkable
class HasTestbeds(Protocol):
    """A provider with several ways to run an app for a test: the contract suite runs over each."""

    @property
    def testbeds(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the options that `testbed` takes for each way, by the way's name."""
        ...


@runtime_checkable
class KeepsSecrets(Protocol):
    """A provider whose secrets `isthmus secret` can manage; one that is none says so to whoever asks."""

    def secrets(self, app_name: str, target: Target) -> SecretStore:
        """Return the secrets of an app on a target."""
        ...


class RunningApp(Protocol):
    """An app that runs, as `isthmus invoke`, `send`, `publish`, `tick`, `replay` and `dead-letters` reach it.

    Names are declared ones; a name that the running app does not have raises `InvalidValueError`, an app that cannot be
    reached an `IsthmusError` that says what to do.
    """

    def invoke(self, function: str, payload: Any) -> Any:
        """Call a function and return its result; `InvocationFailedError` names the exception it raised."""
        ...

    def send(self, queue: str, body: Any, *, attributes: Mapping[str, str], group: str | None = None) -> str:
        """Send a message to a queue and return its id; `group` for a FIFO queue."""
        ...

    def publish(self, topic: str, body: Any, *, attributes: Mapping[str, str | int | float]) -> str:
        """Publish a message to a topic and return its id."""
        ...

    def tick(self, schedule: str) -> None:
        """Let a schedule fire now."""
        ...

    def replay(self, stream: str, function: str, *, since: float) -> None:
        """Deliver a stream's kept records again to one subscribed function, from the time `since` (epoch seconds)."""
        ...

    def dead_letters(self, source: str) -> Sequence[Message]:
        """Return what could not be handled of a queue, topic, table, stream, bucket, schedule or function."""
        ...


@runtime_checkable
class ReachesApps(Protocol):
    """A provider whose running apps the commands can act on; one that is none says so to whoever asks."""

    def running(self, app: App, target: Target) -> RunningApp:
        """Return the app that runs on a target; whether it does is found out when it is asked something."""
        ...


class DevOptions(NamedTuple):
    """What `isthmus dev` was asked for: `app` is the declaration's path, seen from `root`, the project's folder.

    `durability` says what accepted work survives: the end of the process, or a power cut too.
    """

    root: Path
    app: str
    stage: str
    host: str
    port: int
    durability: Literal["process", "power"] = "process"


@runtime_checkable
class RunsHere(Protocol):
    """A provider that `isthmus dev` can run the whole app on, on this machine."""

    def dev(self, options: DevOptions) -> int:
        """Run the app until it is told to stop, and return the exit code."""
        ...


@runtime_checkable
class BundlesFunctions(Protocol):
    """A provider whose functions are deployed as bundles, which `isthmus bundle` shows; another says so."""

    def bundles(self, plan: Plan, *, progress: Callable[[str], None]) -> Mapping[str, Bundle]:
        """Build and prove the bundle of each function of a plan, by its name, and under "" what all have in common.

        `progress` is told what is being done; `BundleError` names everything that stands in the way.
        """
        ...
