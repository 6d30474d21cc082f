"""The main program of a worker process: one function, one event at a time, until the supervisor hangs up."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading

from isthmus._typing import Any, Callable
from isthmus_local.channel import BROKEN, HEADER, READY, pack, unpack
from isthmus_local.transport import SocketTransport

_READ = 256 * 1024
_DESCRIPTOR = socket.CMSG_SPACE(4)


def main() -> None:
    """Run a worker with the descriptors that the command line names."""
    supervisor, stream, life, *requests = map(int, sys.argv[1:])
    _tie_to(supervisor, life)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's, which lets us finish
    for descriptor in (stream, life, *requests):
        os.set_inheritable(descriptor, False)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    connection = socket.socket(fileno=stream)
    transport = SocketTransport(connection)
    serve = _start(transport)
    if serve is None:
        sys.exit(1)
    transport.send(pack(0, READY, os.getpid()))
    if requests:
        _serve_packets(socket.socket(fileno=requests[0]), serve)
    else:
        _serve_stream(transport, serve)


def _tie_to(supervisor: int, life: int) -> None:
    """See to it that this process ends with the supervisor, even in the middle of a handler."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    else:
        threading.Thread(target=_await_end, args=(life,), name="isthmus-life", daemon=True).start()
    if os.getppid() != supervisor:
        os._exit(0)


def _await_end(life: int) -> None:
    os.read(life, 1)  # nothing is ever written: it returns when the other end is closed
    os._exit(0)


def _start(transport: SocketTransport) -> Callable[[int, Any], None] | None:
    """Load the handler and return what serves its events; None where it does not load: the supervisor is told why."""
    try:
        from isthmus import links
        from isthmus_local import log_lines, service

        log_lines.configure()
        # Bytecode is matched to its source by size and whole seconds: a save right after a start would be overlooked.
        sys.dont_write_bytecode = True
        return service.load(links.decode(os.environ[links.VARIABLE]), transport).invoke
    except BaseException as error:
        transport.send(pack(0, BROKEN, _explain(error)))
        return None


def _explain(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error)).rstrip()


def _serve_packets(requests: socket.socket, serve: Callable[[int, Any], None]) -> None:
    while True:
        packet, files, _, _ = requests.recvmsg(_READ, _DESCRIPTOR)
        if not packet:
            return
        if files:
            packet = _read_file(files)
        serve(HEADER.unpack_from(packet)[1], unpack(packet[HEADER.size :]))


def _read_file(files: list[tuple[int, int, bytes]]) -> bytes:
    descriptor = int.from_bytes(files[0][2][:4], sys.byteorder)
    with open(descriptor, "rb") as file:
        file.seek(0)
        return file.read()


def _serve_stream(transport: SocketTransport, serve: Callable[[int, Any], None]) -> None:
    while (event := transport.next_event()) is not None:
        id, payload = event
        serve(id, unpack(payload))


if __name__ == "__main__":
    main()
