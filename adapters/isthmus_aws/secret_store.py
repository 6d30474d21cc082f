"""The secrets of a stage in Secrets Manager, as `isthmus secret` manages them.

The deployment makes each secret, without a value. A version is told by its id, which we choose and AWS keeps for as
long as the version is current: `isthmus-version-0000000000000007`. What somebody else has set (the console, a rotation)
has an id of AWS's choice and counts as one version more than the last of ours. AWSCURRENT can be moved, but not taken
away, so a removed value is a version that says so, `isthmus-removed-…`; the value before it loses its last label, and
AWS deletes it in its own time.
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.errors import InvalidValueError, IsthmusError, ServiceError, TooLargeError
from isthmus.links import Identity, Link
from isthmus_aws.clients.asking import Asking
from isthmus_aws.clients.errors import code_of
from isthmus_aws.clients.secret import REMOVED
from isthmus_aws.names import physical_name
from isthmus_aws.services import Services
from isthmus_aws.signed_in import signed_in

VERSION = "isthmus-version-"
"""How the id of a version with a value begins."""

VALUE_LIMIT = 65_536
"""The most bytes of a value: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html."""

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"

_DIGITS = 16
_NUMBERED = re.compile(rf"(?:{VERSION}|{REMOVED})(\d{{{_DIGITS}}})")
_ATTEMPTS = 10


class SecretNotDeployedError(IsthmusError, LookupError):
    """The secret is declared but not there yet: the app has not been deployed since."""

    def __init__(self, name: str, target: Target) -> None:
        stack = f"{target.provider}-{target.stage}"
        super().__init__(
            f"secret {name!r} is not deployed in stage {target.stage!r} (account {target.account}, {target.region}): "
            f"run `pulumi up` on the stack {stack!r}, then set it. If that stack is in another region, set AWS_REGION"
        )


class SecretInfo(NamedTuple):
    """A secret that has a value, and the number of its version."""

    name: str
    version: int


class SecretStore:
    """The secrets of an app on a target; `endpoint` stands in for AWS's own."""

    def __init__(self, app_name: str, target: Target, *, endpoint: str = "") -> None:
        self._app = App(app_name)
        self._asked = target
        self._endpoint = endpoint
        self._found: tuple[Target, Services] | None = None

    def set(self, name: str, value: str) -> int:
        """Make `value` the current one and return its number; `SecretNotDeployedError` where there is no secret yet."""
        _check(name, value)
        return self._put(name, VERSION, value)

    def list(self) -> Sequence[SecretInfo]:
        """Return each secret of the stage that has a value."""
        return sorted(self._listed())

    def remove(self, name: str) -> bool:
        """Forget the secret's value; False where it had none."""
        try:
            before = self._current(name)
        except SecretNotDeployedError:
            return False
        if before is None or before.startswith(REMOVED):
            return False
        self._put(name, REMOVED, "removed")
        self._unlabel(name, before)
        return True

    def _put(self, name: str, prefix: str, value: str) -> int:
        """Write a version of the next number; one that somebody else has taken meanwhile is tried no second time."""
        taken = 0
        for _ in range(_ATTEMPTS):
            number = max(self._latest(name), taken) + 1
            identifier = f"{prefix}{number:0{_DIGITS}}"
            try:
                self._ask(name, "put_secret_value", ClientRequestToken=identifier, SecretString=value)
            except IsthmusError as error:
                if _code(error) != "ResourceExistsException":
                    raise
                taken = number
            else:
                return number
        raise ServiceError(f"secret {name!r} was not set: {_ATTEMPTS} others set it at the same time")

    def _latest(self, name: str) -> int:
        """Return the number of the last version that AWS still knows, whether it has a label or not."""
        stages: dict[str, Sequence[str]] = {}
        token: dict[str, str] = {}
        while True:
            page = self._ask(name, "list_secret_version_ids", IncludeDeprecated=True, **token)
            stages |= {entry["VersionId"]: entry.get("VersionStages", ()) for entry in page.get("Versions", ())}
            if "NextToken" not in page:
                return _number(stages)
            token = {"NextToken": page["NextToken"]}

    def _current(self, name: str) -> str | None:
        """Return the id of the current version; None where there never was one."""
        return _labelled(self._ask(name, "describe_secret").get("VersionIdsToStages", {}), CURRENT)

    def _unlabel(self, name: str, version: str) -> None:
        """Take the label off the value that was current before, so that nobody is given it any more."""
        stages = self._ask(name, "describe_secret").get("VersionIdsToStages", {})
        if _labelled(stages, PREVIOUS) == version:
            self._ask(name, "update_secret_version_stage", VersionStage=PREVIOUS, RemoveFromVersionId=version)

    def _listed(self) -> Iterator[SecretInfo]:
        target, services = self._reached()
        prefix = f"{self._app.name}-{target.stage}-"
        asking = Asking(Link("secret", "of the app", prefix, ("read",)), services, "secretsmanager")
        token: dict[str, str] = {}
        while True:
            page = asking.ask("read", "list_secrets", Filters=[{"Key": "name", "Values": [prefix]}], **token)
            for entry in page.get("SecretList", ()):
                name = entry["Name"].removeprefix(prefix).rpartition("-")[0]
                if name and entry["Name"] == physical_name(self._app, target, "secret", name):
                    yield from self._known(name)
            if "NextToken" not in page:
                return
            token = {"NextToken": page["NextToken"]}

    def _known(self, name: str) -> Iterator[SecretInfo]:
        """Yield what is known of a secret that has a value: the listing itself is minutes behind."""
        stages = self._ask(name, "describe_secret").get("VersionIdsToStages", {})
        current = _labelled(stages, CURRENT)
        if current is not None and not current.startswith(REMOVED):
            yield SecretInfo(name, _number(stages))

    def _ask(self, name: str, operation: str, **parameters: Any) -> Any:
        target, services = self._reached()
        physical = physical_name(self._app, target, "secret", name)
        asking = Asking(Link("secret", name, physical, ("manage",)), services, "secretsmanager")
        try:
            return asking.ask("manage", operation, SecretId=physical, **parameters)
        except IsthmusError as error:
            if _code(error) != "ResourceNotFoundException":
                raise
            raise SecretNotDeployedError(name, target) from error.__cause__

    def _reached(self) -> tuple[Target, Services]:
        """Return where the secrets are, once that is known."""
        if self._found is None:
            target = signed_in(self._asked, endpoint=self._endpoint)
            identity = Identity(
                app=self._app.name, stage=target.stage, provider=target.provider, function="isthmus secret"
            )
            self._found = (target, Services(identity, region=target.region, endpoint=self._endpoint))
        return self._found

    def __repr__(self) -> str:
        return f"<SecretStore of {self._app.name}, {self._asked.stage}>"


def _check(name: str, value: Any) -> None:
    if not isinstance(value, str) or not value:
        raise InvalidValueError(f"the value of {name!r} is text, a character at least")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise InvalidValueError(f"the value of {name!r} is not valid Unicode") from None
    if size > VALUE_LIMIT:
        raise TooLargeError(f"the value of {name!r}", size, VALUE_LIMIT)


def _code(error: IsthmusError) -> str:
    return code_of(error.__cause__) if error.__cause__ else ""


def _labelled(stages: Mapping[str, Sequence[str]], label: str) -> str | None:
    return next((version for version, labels in stages.items() if label in labels), None)


def _number(stages: Mapping[str, Sequence[str]]) -> int:
    """Return the number of the current version: one that is not of ours comes after the last that is."""
    ours = [int(match[1]) for version in stages if (match := _NUMBERED.fullmatch(version))]
    foreign = any(not _NUMBERED.fullmatch(version) and CURRENT in labels for version, labels in stages.items())
    return max(ours, default=0) + foreign
