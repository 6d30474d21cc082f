"""A stack of a true engine: its state in a folder, its provider the emulator's plugin."""

from __future__ import annotations

from pathlib import Path

from tests.emulators.aws import plugin
from tests.emulators.aws.deploy import session
from tests.emulators.aws.ministack import Ministack
from tests.emulators.realiser.stack import EngineStack

_PROGRAM = Path(__file__).parent / "program"


class Stack(EngineStack):
    """The stack `name` of the project in `folder`, which deploys `app` into `server`: see `program`."""

    def __init__(self, name: str, folder: Path, server: Ministack, app: str = "orders") -> None:
        self.server = server
        super().__init__(
            name,
            folder,
            main=_PROGRAM,
            plugin=plugin.folder(folder / "plugin"),
            config={"aws:region": server.region},
            variables={plugin.RUNTIME: str(session(server).runtime), **server.environment},
            app=app,
        )
