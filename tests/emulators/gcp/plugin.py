"""The provider plugin `gcp` of the engine tests: it deploys into the cloud that `CLOUD_FUNCTIONS_EMULATOR_HOST` names.

An engine takes it instead of the true one where `Pulumi.yaml` says `plugins: {providers: [{name: gcp, path: FOLDER}]}`
and FOLDER is what `folder` has filled. It runs in the program's folder.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path

from pulumi.provider.experimental.server import main

from tests.emulators.gcp.invokes import CALLS
from tests.emulators.gcp.kinds.table import KINDS
from tests.emulators.gcp.parts.process import ROOT
from tests.emulators.gcp.session import Session
from tests.emulators.realiser.plugin import Plugin

ADDRESS = "CLOUD_FUNCTIONS_EMULATOR_HOST"
"""The variable that names where the cloud listens: `process.Address.variables` has it."""


def folder(path: Path) -> Path:
    """Fill `path` with the program that an engine starts as the provider `gcp`, and return it."""
    path.mkdir(parents=True, exist_ok=True)
    script = path / "pulumi-resource-gcp"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m {__spec__.name} "$@"\n')
    script.chmod(0o755)
    return path


if __name__ == "__main__":
    main(sys.argv[1:], version("pulumi-gcp"), Plugin(Session(os.environ[ADDRESS]), KINDS, CALLS, Path.cwd()))
