"""Sources of functions as they lie on the disk: right, though several are unpacked at once."""

from __future__ import annotations

import zipfile
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest

from tests.emulators.gcp.bundle import Bundles


@pytest.fixture
def bundles() -> Generator[Bundles]:
    found = Bundles()
    yield found
    found.close()
    assert not found.folder.exists()


def packed(files: dict[str, bytes]) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def test_sources_that_are_unpacked_at_once_have_all_their_files(bundles: Bundles) -> None:
    """They share most of them, and each is made by whoever is first."""
    library = {f"library/part{number}/__init__.py": b"" for number in range(40)}
    other = {f"{number}/code.py": b"same" for number in range(20)}
    zips = [packed({**library, **other, "main.py": b"n = %d" % number}) for number in range(16)]
    with ThreadPoolExecutor(16) as threads:
        folders = list(threads.map(bundles.unpacked, [*zips, *zips]))

    assert folders[:16] == folders[16:]
    assert [(folder / "main.py").read_bytes() for folder in folders[:16]] == [b"n = %d" % n for n in range(16)]
    for folder in folders:
        assert len(list((folder / "library").glob("*/__init__.py"))) == 40
        assert (folder / "19" / "code.py").read_bytes() == b"same"


def _never(_: Path) -> bool:
    return False


def test_a_file_is_not_replaced_by_another_thread_that_believes_to_be_first(
    bundles: Bundles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linux refuses a link to a file whose name is just being given to another, so that sources lacked files."""
    monkeypatch.setattr(Path, "exists", _never)
    one, other = (bundles.unpacked(packed({"a.py": b"same", "main.py": text})) for text in (b"1", b"2"))

    assert (one / "a.py").samefile(other / "a.py")
    assert (other / "main.py").read_bytes() == b"2"


def test_a_folder_of_the_same_name_with_other_contents_is_another(bundles: Bundles) -> None:
    one, other, again = (bundles.unpacked(packed({"lib/a.py": text})) for text in (b"1", b"2", b"1"))

    assert [(folder / "lib" / "a.py").read_bytes() for folder in (one, other, again)] == [b"1", b"2", b"1"]
    assert one == again != other


@pytest.mark.parametrize("name", ["../out.py", "lib/../../out.py", "../../x"])
def test_a_file_outside_of_its_folder_is_refused(bundles: Bundles, name: str) -> None:
    with pytest.raises(ValueError, match="outside"):
        bundles.unpacked(packed({name: b""}))
