from __future__ import annotations

import marshal
import subprocess
import sys
import traceback
from inspect import get_annotations
from typing import Any

import pytest

from isthmus.bundling.bytecode import bytecode, bytecode_name
from tests.test_architecture import RUN_TIME

SOURCE = b'''"""A module."""
from __future__ import annotations
KINDS = {"red", "green", "blue"}
def pick(kind: str = "e\xcc\x81\xc3\xa9", *, among: tuple[str, ...] = ("red", "green")) -> bool:
    """Pick."""
    return kind in {"red", "green", "blue"} and kind in among
class Box:
    """A box."""
def empty():
    """Nothing else."""
'''

IN_ANOTHER_PROCESS = """
import sys
words = sys.stdin.read()
kept = [sys.intern(word) for word in words.replace('"', " ").split()]
from isthmus.bundling.bytecode import bytecode
sys.stdout.buffer.write(bytecode(words.encode(), "a/b.py"))
"""


def test_every_process_compiles_a_source_to_the_same_bytes() -> None:
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS]
    others = {subprocess.run(command, input=SOURCE, capture_output=True, check=True).stdout for _ in range(4)}

    assert others == {bytecode(SOURCE, "a/b.py")}


def test_lean_bytecode_does_the_same_without_docstrings_and_columns() -> None:
    whole, lean = bytecode(SOURCE, "b.py"), bytecode(SOURCE, "b.py", lean=True)
    names: dict[str, object] = {}
    code = marshal.loads(lean[16:])
    exec(code, names)

    assert len(lean) < len(whole)
    assert names["pick"]("red") is True  # type: ignore[operator]
    assert names.get("__doc__") is None
    assert names["Box"].__doc__ is None
    assert {position[2] for position in code.co_positions()} <= {0, None}


def test_bytecode_lies_in_the_cache_of_its_folder() -> None:
    tag = sys.implementation.cache_tag

    assert bytecode_name("a/b.py") == f"a/__pycache__/b.{tag}.pyc"
    assert bytecode_name("b.py") == f"__pycache__/b.{tag}.pyc"


ANNOTATED = b'''"""A module."""
from __future__ import annotations
from isthmus._typing import TYPE_CHECKING, Any, overload
if TYPE_CHECKING:
    import nowhere
LIMIT: int = 3
"""A text below a name."""
class Box:
    """A box."""
    size: int
    @overload
    def open(self) -> int: ...
    @overload
    def open(self, times: Any) -> int: ...
    def open(self, times: Any = 1) -> int:
        """Open it."""
        found: int
        found = [
            times for times in (
                times, LIMIT)
        ]
        raise KeyError(
            found
        )
'''


def lean_names(source: bytes, name: str = "a/b.py") -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(marshal.loads(bytecode(source, name, lean=True)[16:]), names)
    return names


def test_lean_bytecode_has_no_annotations_no_overloads_and_nothing_for_type_checkers() -> None:
    names = lean_names(ANNOTATED)

    assert "nowhere" not in names
    assert not {"TYPE_CHECKING", "Any", "overload"} & names.keys()
    assert names["LIMIT"] == 3
    assert get_annotations(names["Box"]) == {}
    assert names["Box"].open.__annotations__ == {}
    assert names["Box"].open.__code__.co_varnames[:2] == ("self", "times")


FIELDS = b"""
from __future__ import annotations
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple
from isthmus._typing import Any
@dataclass(frozen=True, slots=True)
class Point:
    kind: ClassVar[str] = "point"
    x: Any
    y: list[Any] = field(default_factory=lambda: [])
    def moved(self, by: Any) -> Any:
        to: Any = self.x + by
        return Point(to, self.y)
class Pair(NamedTuple):
    first: Any
    second: Any = 2
"""


def test_fields_that_are_annotations_stay_in_lean_bytecode() -> None:
    names = lean_names(FIELDS, "a/fields.py")

    assert repr(names["Point"](1).moved(2)) == "Point(x=3, y=[])"
    assert names["Pair"](1) == (1, 2)
    assert names["Point"].kind == "point"


def test_a_traceback_of_lean_bytecode_tells_file_and_line_of_each_statement() -> None:
    with pytest.raises(KeyError) as caught:
        lean_names(ANNOTATED)["Box"]().open(times=2)

    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (frame.filename, frame.lineno, frame.name) == ("a/b.py", 22, "open")
    assert str(caught.value) == "[2, 3]"


def test_whoever_shares_a_variable_with_an_inner_function_finds_it_in_lean_bytecode() -> None:
    source = b"""
def outer(a, *b, c=1, **d):
    e, f = 5, 6
    def inner(g):
        nonlocal e
        e += g
        return (a, b, c, d, e, f)
    h = [f + i for i in (1, 2)]
    return inner(1), h, [lambda: (e, i) for i in h][0]()
"""
    names = lean_names(source)
    plain: dict[str, Any] = {}
    exec(source, plain)

    assert names["outer"](1, 2, c=3, d=4) == plain["outer"](1, 2, c=3, d=4)


def test_every_run_time_module_imports_as_lean_bytecode() -> None:
    """In a process of its own, where nothing else of ours is: so each finds what it imports of the others."""
    command = [sys.executable, "-c", ALL_LEAN, *RUN_TIME]
    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 50


ALL_LEAN = """
import importlib, marshal, sys, tempfile
from pathlib import Path
import isthmus
from isthmus.bundling.bytecode import bytecode
from isthmus.bundling.importer import Library
root = Path(isthmus.__path__[0]).parent
library = {}
for path in sorted(root.glob("isthmus/**/*.py")):
    file = path.relative_to(root)
    name = ".".join(file.with_suffix("").parts).removesuffix("__init__")
    library[name] = bytecode(path.read_bytes(), str(file), lean=True)[16:]
path = Path(tempfile.mkdtemp(), "library")
path.write_bytes(marshal.dumps(library))
for name in [name for name in sys.modules if name.partition(".")[0] == "isthmus"]:
    del sys.modules[name]
sys.meta_path.insert(0, Library(str(path)))
run_time = [name for name in library if name.split(".")[1:2] and name.split(".")[1] in sys.argv[1:]]
for name in run_time:
    importlib.import_module(name.removesuffix("."))
print(len(run_time))
"""
