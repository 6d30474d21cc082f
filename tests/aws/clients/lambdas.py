"""Functions at a ministack, whose code runs in the real runtime client: a zip with a handler and a bootstrap."""

from __future__ import annotations

import io
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

from tests.emulators.aws.ministack import Ministack

_BOOTSTRAP = """#!/bin/sh
export PYTHONPATH="$LAMBDA_TASK_ROOT:{folder}" PYTHONDONTWRITEBYTECODE=1
exec {python} -m awslambdaric "$_HANDLER"
"""


def deploy(ministack: Ministack, name: str, code: str, *, timeout: int = 20) -> None:
    """Create the function `name`, whose handler is `handle` of the Python text `code`."""
    client = find_spec("awslambdaric")
    assert client is not None
    assert client.origin is not None
    folder = Path(client.origin).parents[1]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("code_of_test.py", code)
        bootstrap = zipfile.ZipInfo("bootstrap")
        bootstrap.external_attr = 0o100755 << 16
        archive.writestr(bootstrap, _BOOTSTRAP.format(folder=folder, python=sys.executable))
    ministack.client("lambda").create_function(
        FunctionName=name,
        Runtime="provided.al2023",
        Handler="code_of_test.handle",
        Role=f"arn:aws:iam::{ministack.account}:role/test",
        Code={"ZipFile": buffer.getvalue()},
        Timeout=timeout,
    )
