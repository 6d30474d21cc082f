"""The Pulumi program: a stack for each provider and stage, named `<provider>-<stage>` (`pulumi up --stack aws-dev`)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    sys.path.insert(0, str(root))  # Pulumi runs this folder, not its parent
    os.chdir(root)

    from infra.app import app
    from isthmus.deployment import deploy

    deploy(app)
