"""The provider plugin `aws` of the engine tests: it deploys into the emulator that `AWS_ENDPOINT_URL` names.

An engine takes it instead of the true one where `Pulumi.yaml` says `plugins: {providers: [{name: aws, path: FOLDER}]}`
and FOLDER is what `folder` has filled. It runs in the program's folder.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path

from pulumi.provider.experimental.server import main

from tests.emulators.aws.invokes import CALLS
from tests.emulators.aws.kinds.table import KINDS
from tests.emulators.aws.ministack import ROOT
from tests.emulators.aws.session import Session
from tests.emulators.realiser.plugin import Plugin

RUNTIME = "ISTHMUS_TEST_RUNTIME"
"""The variable that names the folder of the Lambda runtime: see `runtime.lay_out`."""


def folder(path: Path) -> Path:
    """Fill `path` with the program that an engine starts as the provider `aws`, and return it."""
    path.mkdir(parents=True, exist_ok=True)
    script = path / "pulumi-resource-aws"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m {__spec__.name} "$@"\n')
    script.chmod(0o755)
    return path


if __name__ == "__main__":
    session = Session(os.environ["AWS_ENDPOINT_URL"], Path(os.environ[RUNTIME]))
    main(sys.argv[1:], version("pulumi-aws"), Plugin(session, KINDS, CALLS, Path.cwd()))
