"""The ports of tools: what a provider may bring for the command line and for tests, besides `isthmus.ports`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

from isthmus.bundling.bundle import Bundle
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.message import Message
from isthmus.plan import Plan
from isthmus.workflow_execution import WorkflowExecution


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


class Executions(Protocol):
    """The executions of one workflow of an app that runs, as the commands of `isthmus workflow` reach them.

    What a provider does not do from here raises `NotHereError` with the reason. An execution that there is not is
    `ExecutionNotFoundError`, a token that nobody waits for `TaskTokenError`.
    """

    def start(self, input: Any, *, name: str | None = None) -> str:
        """Start an execution and return its id; by the same name that of the first one."""
        ...

    def describe(self, execution: str) -> WorkflowExecution:
        """Return what has become of an execution."""
        ...

    def list(self, *, status: str | None = None, limit: int = 100) -> Sequence[WorkflowExecution]:
        """Return the last executions, the newest first, without their input and output; those of a status."""
        ...

    def history(self, execution: str) -> Iterator[Mapping[str, Any]]:
        """Return each event of an execution in order: `id`, `type`, `time`, `frame`, `state`, `details`."""
        ...

    def stop(self, execution: str, *, error: str = "", cause: str = "") -> None:
        """End an execution; one that has ended stays as it is."""
        ...

    def redrive(self, execution: str) -> None:
        """Let an execution that has failed, or was stopped, go on from where it failed."""
        ...

    def succeed(self, token: str, output: Any) -> None:
        """Complete the task that waits for a token."""
        ...

    def fail(self, token: str, error: str, cause: str = "") -> None:
        """Let the task that waits for a token fail."""
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

    def workflow(self, name: str) -> Executions:
        """Return the executions of a workflow."""
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
