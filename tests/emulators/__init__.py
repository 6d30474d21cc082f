"""The real parts that tests run against: a package for each provider that has to be deployed."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module


def _share_status() -> None:
    """Let Pulumi's provider SDK take `google.rpc.Status` from Google's own module.

    It brings a copy of it in a file of another name, and protobuf refuses to have both in one process: whichever is
    imported second, fails.
    """
    with suppress(ImportError):  # an interpreter that has neither needs neither
        sys.modules.setdefault("pulumi.runtime.proto.status_pb2", import_module("google.rpc.status_pb2"))


_share_status()
