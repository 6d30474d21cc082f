"""The Lambda runtime of Python, for an emulator that runs only custom ones: the true runtime client, and a bootstrap.

The emulator's own `python3.x` reports every exception by one name, and has no botocore. A function is deployed as
`provided.al2023` instead, with a `bootstrap` that runs awslambdaric as the managed runtime does. What is importable is
what AWS has: the standard library, the runtime's folder, and the function's zip; never the checkout or its `.venv`.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.emulators.realiser.assets import zipped

HAS = (
    *("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py"),
    *("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six"),
)
"""The modules that the managed runtime brings besides the standard library."""

_BOOTSTRAP = """#!/bin/sh
export TZ=:UTC LANG=en_US.UTF-8 PYTHONDONTWRITEBYTECODE=1
export AWS_EXECUTION_ENV=AWS_Lambda_{name} AWS_LAMBDA_INITIALIZATION_TYPE=on-demand
export PYTHONPATH="$LAMBDA_TASK_ROOT:{folder}"
exec {python} -S -P -m awslambdaric "$_HANDLER"
"""


def lay_out(folder: Path) -> Path:
    """Fill `folder` with links to what the managed runtime brings, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in HAS:
        found = _place(name)
        (folder / found.name).symlink_to(found)
    return folder


def packed(code: Mapping[str, Any], runtime: str, folder: Path) -> bytes:
    """Return a function's zip with the bootstrap added; all else in it is as it was."""
    buffer = io.BytesIO(zipped(code))
    with zipfile.ZipFile(buffer, "a") as archive:
        bootstrap = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
        bootstrap.external_attr = 0o100755 << 16
        archive.writestr(bootstrap, _BOOTSTRAP.format(name=runtime, folder=folder, python=sys.executable))
    return buffer.getvalue()


def _place(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{name} is not installed: make test does it")
    origin = Path(spec.origin)
    return origin.parent if origin.name == "__init__.py" else origin
