"""The secrets of a stage in Secret Manager, as `isthmus secret` manages them.

The deployment makes each secret, without a version. Secret Manager numbers versions itself, and what is read is the
latest one: where that was destroyed, there is no value. So a value is set by a new version, and removed by destroying
all of them.
https://cloud.google.com/secret-manager/docs/add-secret-version
https://cloud.google.com/secret-manager/docs/destroy-secret-version
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.errors import InvalidValueError, IsthmusError, TooLargeError
from isthmus.links import Identity, Link
from isthmus_gcp.clients.asking import Asking
from isthmus_gcp.clients.errors import code_of
from isthmus_gcp.clients.retries import patient
from isthmus_gcp.names import physical_name
from isthmus_gcp.services import Services
from isthmus_gcp.signed_in import signed_in

VALUE_LIMIT = 65_536
"""The most bytes of a value: https://cloud.google.com/secret-manager/quotas#content_limits."""

T = TypeVar("T")

_ENABLED, _DESTROYED = "ENABLED", "DESTROYED"


class SecretNotDeployedError(IsthmusError, LookupError):
    """The secret is declared but not there yet: the app has not been deployed since."""

    def __init__(self, name: str, target: Target) -> None:
        stack = f"{target.provider}-{target.stage}"
        super().__init__(
            f"secret {name!r} is not deployed in stage {target.stage!r} (project {target.account}, {target.region}): "
            f"run `pulumi up` on the stack {stack!r}, then set it. If it is in another region, set GOOGLE_REGION"
        )


class SecretInfo(NamedTuple):
    """A secret that has a value, and the number of its version."""

    name: str
    version: int


class SecretStore:
    """The secrets of an app on a target."""

    def __init__(self, app_name: str, target: Target) -> None:
        self._app = App(app_name)
        self._asked = target
        self._found: tuple[Target, Services] | None = None

    def set(self, name: str, value: str) -> int:
        """Make `value` the current one and return its number; `SecretNotDeployedError` where there is no secret yet."""
        data = _checked(name, value)
        parent = self._path(name)
        added = self._ask(
            name, lambda secrets, options: secrets.add_secret_version(parent=parent, payload={"data": data}, **options)
        )
        return _number(added)

    def list(self) -> Sequence[SecretInfo]:
        """Return each secret of the stage that has a value."""
        return sorted(self._listed())

    def remove(self, name: str) -> bool:
        """Forget the secret's value; False where it had none."""
        try:
            latest = self._latest(name)
            versions = [version for version in self._versions(name) if version.state.name != _DESTROYED]
        except SecretNotDeployedError:
            return False
        for version in versions:
            self._destroy(name, version.name)
        return latest is not None

    def _destroy(self, name: str, version: str) -> None:
        self._ask(name, lambda secrets, options: secrets.destroy_secret_version(name=version, **options))

    def _latest(self, name: str) -> int | None:
        """Return the number of the latest version; None where there is none with a value."""
        latest = max(self._versions(name), key=_number, default=None)
        return _number(latest) if latest is not None and latest.state.name == _ENABLED else None

    def _versions(self, name: str) -> Sequence[Any]:
        parent = self._path(name)
        return self._ask(name, lambda secrets, options: [*secrets.list_secret_versions(parent=parent, **options)])

    def _listed(self) -> Iterator[SecretInfo]:
        target, _ = self._reached()
        prefix = f"{self._app.name}-{target.stage}-"
        request = {"parent": f"projects/{target.account}", "filter": f"name:{prefix}"}
        found: Sequence[Any] = self._ask(
            "of the app", lambda secrets, options: [*secrets.list_secrets(request=request, **options)]
        )
        for secret in found:
            physical = secret.name.rpartition("/")[2]
            name = physical.removeprefix(prefix).rpartition("-")[0]
            if name and physical == physical_name(self._app, target, "secret", name):
                version = self._latest(name)
                if version is not None:
                    yield SecretInfo(name, version)

    def _path(self, name: str) -> str:
        target, _ = self._reached()
        return f"projects/{target.account}/secrets/{physical_name(self._app, target, 'secret', name)}"

    def _ask(self, name: str, call: Callable[[Any, dict[str, Any]], T]) -> T:
        target, services = self._reached()
        asking = Asking(Link("secret", name, name, ("manage",)), services)
        try:
            answer: T = asking.ask("manage", lambda: call(services.secrets(), patient(services.deadline)))
        except IsthmusError as error:
            if code_of(error.__cause__) != "NOT_FOUND":
                raise
            raise SecretNotDeployedError(name, target) from error.__cause__
        return answer

    def _reached(self) -> tuple[Target, Services]:
        """Return where the secrets are, once that is known."""
        if self._found is None:
            target = signed_in(self._asked)
            identity = Identity(
                app=self._app.name,
                stage=target.stage,
                provider=target.provider,
                function="isthmus secret",
                account=target.account,
                region=target.region,
            )
            self._found = (target, Services(identity))
        return self._found

    def __repr__(self) -> str:
        return f"<SecretStore of {self._app.name}, {self._asked.stage}>"


def _checked(name: str, value: Any) -> bytes:
    if not isinstance(value, str) or not value:
        raise InvalidValueError(f"the value of {name!r} is text, a character at least")
    try:
        data = value.encode()
    except UnicodeEncodeError:
        raise InvalidValueError(f"the value of {name!r} is not valid Unicode") from None
    if len(data) > VALUE_LIMIT:
        raise TooLargeError(f"the value of {name!r}", len(data), VALUE_LIMIT)
    return data


def _number(version: Any) -> int:
    return int(version.name.rpartition("/")[2])
