from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from zipfile import ZipFile

import pytest

from isthmus.bundling import packing
from isthmus.bundling import proof as proofs
from isthmus.bundling.cache import KEPT, Cache, user_cache
from tests.core.bundling.projects import HANDLER, Project, names

BUILD = """
import sys
from pathlib import Path
from isthmus.bundling.cache import Cache
from tests.core.bundling.projects import Project
print("ready", flush=True)
sys.stdin.readline()
print(Project(Path(sys.argv[1]), Cache(Path(sys.argv[2]))).build("desk.a.handle").digest)
"""


def builder(project: Project, cache: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BUILD, str(project.root), str(cache)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_what_has_not_changed_is_neither_packed_nor_proved_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write({"desk/a.py": HANDLER})
    first = project.build("desk.a.handle")

    def again(*_: object, **__: object) -> None:
        raise AssertionError("it has been done before")

    monkeypatch.setattr(packing, "packed", again)
    monkeypatch.setattr(proofs, "_answer", again)

    assert project.build("desk.a.handle") == first


def test_a_change_of_the_same_size_and_time_is_seen(project: Project) -> None:
    project.write({"desk/a.py": f"A = 1\n{HANDLER}"})
    first = project.build("desk.a.handle")
    times = (project.root / "desk/a.py").stat()
    project.write({"desk/a.py": f"A = 2\n{HANDLER}"})
    os.utime(project.root / "desk/a.py", ns=(times.st_atime_ns, times.st_mtime_ns))

    assert project.build("desk.a.handle").digest != first.digest


def test_a_lost_or_broken_note_of_the_cache_is_made_anew(project: Project, tmp_path: Path) -> None:
    project.write({"desk/a.py": HANDLER})
    cache = Cache(tmp_path / "own")
    first = project.all({"F": ["desk.a.handle"]}, cache=cache)["F"]
    for path in [*cache.folder.glob("imports/*"), *cache.folder.glob("notes/*")]:
        path.write_text("no JSON")
    for path in cache.folder.glob("proofs/*"):
        path.unlink()

    again = project.all({"F": ["desk.a.handle"]}, cache=cache)["F"]

    assert again == first


def test_builds_at_the_same_time_do_not_disturb_one_another(project: Project, tmp_path: Path) -> None:
    project.write({"desk/a.py": HANDLER, "desk/data.bin": os.urandom(2_000_000)})
    builders = [builder(project, tmp_path / "own") for _ in range(3)]

    said = {process.communicate("go\n", timeout=120)[0] for process in builders}

    assert [process.returncode for process in builders] == [0, 0, 0]
    bundle = project.all({"F": ["desk.a.handle"]}, cache=Cache(tmp_path / "own"))["F"]
    assert said == {f"{bundle.digest}\n"}
    with ZipFile(bundle.path) as archive:
        assert archive.testzip() is None


@pytest.mark.parametrize("after", [0.02, 0.1, 0.3, 0.6])
def test_a_killed_build_leaves_nothing_that_the_next_one_trusts(project: Project, tmp_path: Path, after: float) -> None:
    project.write({"desk/a.py": HANDLER, "desk/data.bin": os.urandom(500_000)})
    process = builder(project, tmp_path / "own")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()

    bundle = project.all({"F": ["desk.a.handle"]}, cache=Cache(tmp_path / "own"))["F"]

    assert bundle.digest == project.build("desk.a.handle").digest
    with ZipFile(bundle.path) as archive:
        assert archive.testzip() is None
    assert "desk/data.bin" in names(bundle)


def test_what_nobody_has_used_for_a_month_is_removed(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    old, used = cache.write("bundles", "old", b"1"), cache.write("bundles", "used", b"2")
    left = cache.folder / "bundles/.1234-killed"
    left.write_bytes(b"half")
    long_ago = time.time() - KEPT - 60
    for path in (old, used, left):
        os.utime(path, (long_ago, long_ago))
    assert cache.find("bundles", "used") == used

    cache.prune()

    assert sorted(path.name for path in cache.folder.glob("bundles/*")) == ["used"]


def test_the_cache_is_where_the_user_keeps_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert user_cache() == tmp_path
    assert Cache().folder.is_relative_to(tmp_path / "isthmus" / "bundles")
