"""A stack of a true engine: its state in a folder, its provider the cloud's plugin."""

from __future__ import annotations

from pathlib import Path

from tests.emulators.gcp import plugin
from tests.emulators.gcp.process import Google
from tests.emulators.realiser.stack import EngineStack

_PROGRAM = Path(__file__).parent / "program"


class Stack(EngineStack):
    """The stack `name` of the project in `folder`, which deploys the reference app into `cloud`: see `program`."""

    def __init__(self, name: str, folder: Path, cloud: Google) -> None:
        self.cloud = cloud
        super().__init__(
            name,
            folder,
            main=_PROGRAM,
            plugin=plugin.folder(folder / "plugin"),
            config={"gcp:project": cloud.project, "gcp:region": cloud.region},
            variables=cloud.variables(),
        )
