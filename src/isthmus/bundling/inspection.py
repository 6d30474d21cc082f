"""What can be told of a bundle that this machine cannot import from: whether its parts fit the platform."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from zipfile import ZipFile

from isthmus.bundling.bundle import Bundle
from isthmus.bundling.closure import Wanted
from isthmus.bundling.packing import is_compiled
from isthmus.bundling.platform import Platform
from isthmus.bundling.trees import Tree
from isthmus.bundling.wants import Wants

_MACHINES: Mapping[str, int] = {"x86_64": 62, "arm64": 183}
"""The processors, as the headers of ELF files number them."""


def misfits(bundle: Bundle, tree: Tree | None, platform: Platform) -> Iterator[str]:
    """Yield what of a bundle does not fit its platform: wheels by their tags, compiled modules by their header."""
    for name, tags in (tree.tags if tree else {}).items():
        if tags and not any(fits(tag, platform) for tag in tags):
            yield f"the wheel of {name} is for {', '.join(tags)}"
    if not bundle.compiled:
        return
    with ZipFile(bundle.path) as archive:
        for name in filter(is_compiled, archive.namelist()):
            with archive.open(name) as file:
                header = file.read(20)
            if header[:4] != b"\x7fELF" or int.from_bytes(header[18:20], "little") != _MACHINES[platform.arch]:
                yield f"{name} is compiled for another machine"


def fits(tag: str, platform: Platform) -> bool:
    """Tell whether a wheel of that tag runs on the platform."""
    python, _, rest = tag.partition("-")
    abi, _, where = rest.partition("-")
    ours = f"cp{platform.python[0]}{platform.python[1]}"
    pythons = {ours, f"py{platform.python[0]}", f"py{platform.python[0]}{platform.python[1]}"}
    if abi == "abi3":
        pythons |= {f"cp{platform.python[0]}{minor}" for minor in range(2, platform.python[1] + 1)}
    return python in pythons and abi in ("none", "abi3", ours) and where in ("any", *platform.tags)


def unresolved(wanted: Iterable[Wanted], tree: Tree | None, wants: Wants) -> Iterator[tuple[Wanted, str]]:
    """Yield the imports of something installed that the tree does not have, with the distribution that is missing."""
    for import_ in wanted:
        name = wants.needed(import_)
        if name and import_.sure and name not in (tree.versions if tree else {}):
            yield import_, name
