"""The machine: what instances run with, and how many of them stay."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.emulators.gcp import machine
from tests.emulators.gcp.calls import Answer, Request
from tests.emulators.gcp.machine import FUNCTIONS, Machine
from tests.emulators.gcp.resources import Resources
from tests.emulators.gcp.tokens import Tokens

CODE = Path(__file__).with_name("sample") / "code.py"


class Small:
    """A machine of its own, whose functions all are the sample's."""

    def __init__(self, code: str = "") -> None:
        self.resources = Resources()
        self.machine = Machine(self.resources, Tokens(), self._download, dict)
        self._code = code or CODE.read_text()
        self.downloads = 0

    async def _download(self, _bucket: str, _name: str) -> bytes:
        self.downloads += 1
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("main.py", self._code)
        return buffer.getvalue()

    def put(self, name: str, **config: Any) -> str:
        full = f"projects/p/locations/r/functions/{name}"
        self.resources.put(FUNCTIONS, full, {"buildConfig": {"entryPoint": "handle"}, "serviceConfig": config})
        return full

    async def ask(self, full: str, path: str = "/where") -> Answer:
        running = self.machine.service(full)
        assert running is not None
        return await running.answer(Request("GET", path.encode(), [(b"host", b"h")]))

    def count(self, full: str) -> int:
        return len(self.machine.services()[full].instances)


def test_the_longest_idle_instance_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> list[int]:
        small = Small()
        names = [small.put(name) for name in ("one", "two", "three")]
        try:
            for name in (*names, names[1]):
                await small.ask(name)
            return [small.count(name) for name in names]
        finally:
            small.machine.stop()

    monkeypatch.setattr(machine, "KEPT", 2)

    assert asyncio.run(run()) == [0, 1, 1]


def test_a_bundle_that_cannot_be_imported_is_told_in_the_log() -> None:
    async def run() -> tuple[int, str]:
        small = Small("import nowhere_to_be_found")
        name = small.put("broken")
        try:
            answer = await small.ask(name)
            return answer.status, small.machine.services()[name].log
        finally:
            small.machine.stop()

    status, log = asyncio.run(run())

    assert status == 503
    assert "No module named 'nowhere_to_be_found'" in log


def test_a_source_is_fetched_once_for_all_instances() -> None:
    async def run() -> tuple[int, set[int]]:
        small = Small()
        name = small.put("one", maxInstanceCount=3)
        try:
            answers = await asyncio.gather(*(small.ask(name, "/slow?seconds=0.5") for _ in range(3)))
            return small.downloads, {json.loads(answer.body)["pid"] for answer in answers}
        finally:
            small.machine.stop()

    downloads, processes = asyncio.run(run())

    assert len(processes) == 3  # one request at a time each, where no concurrency is set
    assert downloads <= 3


def test_a_zip_with_a_file_outside_of_its_folder_is_refused() -> None:
    from tests.emulators.gcp.bundle import Bundles

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../evil.py", "x")
    bundles = Bundles()
    with pytest.raises(ValueError, match="outside"):
        bundles.unpacked(buffer.getvalue())
    bundles.close()
