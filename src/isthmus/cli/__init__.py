"""The command `isthmus`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; exits with 0, with 1 for problems and failures, or with 2 for a wrong use."""
    try:
        from isthmus.cli.commands import cli
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        sys.exit("isthmus: its commands need more than the run-time part: pip install 'isthmus[local]'")
    cli(prog_name="isthmus")
