"""`python -m tests.emulators.gcp.firestore`: a Firestore in a process, up when it prints its two addresses."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import threading

from tests.emulators.gcp.firestore import control, server
from tests.emulators.gcp.firestore.databases import Databases
from tests.emulators.gcp.firestore.transactions import Patience
from tests.emulators.gcp.firestore.upkeep import keep_up


def main() -> None:
    """Serve until the process is ended."""
    options = _options()
    if options.until_stdin_closes:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        asyncio.run(_serve(options))
    except KeyboardInterrupt:
        sys.exit(130)


def _options() -> argparse.Namespace:
    usual = Patience()
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.gcp.firestore", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the gRPC service; 0 takes a free one")
    parser.add_argument("--control-port", type=int, default=0, help="of the control door; 0 takes a free one")
    parser.add_argument("--ttl-seconds", type=float, default=60, help="between two sweeps for expired documents")
    parser.add_argument("--transaction-seconds", type=float, default=usual.total, help="that a transaction may last")
    parser.add_argument("--idle-seconds", type=float, default=usual.idle, help="that a transaction may be left alone")
    parser.add_argument("--lock-seconds", type=float, default=usual.lock, help="that anything waits for a lock")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with whoever started it")
    return parser.parse_args()


async def _serve(options: argparse.Namespace) -> None:
    patience = Patience(options.transaction_seconds, options.idle_seconds, options.lock_seconds)
    databases = Databases(patience)
    running, port = await server.serve(databases, options.port)
    door = control.serve(control.Control(databases), options.control_port)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, os._exit, 0)
    print(f"127.0.0.1:{port} http://127.0.0.1:{door}", flush=True)
    await asyncio.gather(running.wait_for_termination(), keep_up(databases, options.ttl_seconds))


def _end_with_stdin() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
