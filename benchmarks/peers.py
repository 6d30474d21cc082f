"""The peers, in an environment of their own beside the project's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
ENVIRONMENT = HERE / ".peers"


def python() -> str:
    """Return the interpreter of the peers' environment, which is made on first use."""
    interpreter = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / "peers.txt"
    wanted = (HERE / "peers.txt").read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        print("installing the peers into benchmarks/.peers", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        pip = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(HERE / "peers.txt")], check=True)
        stamp.write_text(wanted)
    return str(interpreter)


def succeeds(module: str) -> bool:
    """Run a module of this project with the peers' interpreter, and return whether it ended well."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("src", "adapters", "."))
    return subprocess.run([python(), "-m", module], env={**os.environ, "PYTHONPATH": path}, check=False).returncode == 0
