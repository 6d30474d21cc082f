"""A session of botocore's that makes its first client sooner: what a function has no use for is not looked for."""

from __future__ import annotations

import os

from isthmus._typing import Any, Iterable
from isthmus_aws import service_data


def new(known: Iterable[str]) -> Any:
    """Return a session; `known` are the services of its clients, as they are by the time that one is made."""
    from importlib import import_module  # botocore has no types of its own

    session: Any = import_module("botocore.session").Session()
    session.register_component("data_loader", service_data.loader(session.get_config_variable("data_path"), known))
    keys = _keys(os.environ)
    if keys:
        session.set_credentials(**keys)
    return session


def _keys(environment: Any) -> dict[str, str]:
    """Return the keys of the environment, as Lambda sets them for good; none where botocore has to renew them.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    named = {
        "access_key": environment.get("AWS_ACCESS_KEY_ID"),
        "secret_key": environment.get("AWS_SECRET_ACCESS_KEY"),
        "token": environment.get("AWS_SECURITY_TOKEN") or environment.get("AWS_SESSION_TOKEN"),
        "account_id": environment.get("AWS_ACCOUNT_ID"),
    }
    keys = {name: value for name, value in named.items() if value}
    whole = "access_key" in keys and "secret_key" in keys and not environment.get("AWS_CREDENTIAL_EXPIRATION")
    return keys if whole else {}
