"""Imports handlers from finished bundles: run as `python -I -S prover.py`, with the job on standard input.

It runs in an interpreter that has nothing but the standard library, so it imports nothing of ours by itself. For each
library (the file of what is ours in a bundle) a process is forked off, which imports what every start of its functions
would; off that one is forked for each handler. That proves as much as a fresh interpreter would: what is imported
before is in the handler's own bundle, byte for byte, and nothing of another handler has run.

A bundle is imported from as it is, a zip. Where that fails (some modules look for files beside them), or where it has
compiled modules, it is extracted, and what happens then counts.
"""

from __future__ import annotations

import gc
import importlib
import json
import marshal
import os
import select
import signal
import sys
import time
import zipimport
from _imp import _fix_co_filename  # type: ignore[attr-defined]  # as importlib does for what lies in a folder
from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable, Mapping, Sequence
    from types import CodeType
    from typing import Any

STANDARD = [path for path in sys.path if path != os.path.dirname(os.path.abspath(__file__))]
"""Where the standard library is."""

AT_ONCE = max(4, os.cpu_count() or 1)
"""The most imports at a time: some only wait."""

STARTED = ("isthmus.handler", "isthmus.links", "isthmus.resource")
"""What every function's start has imported before its handler."""

_TOLD = 1 << 16


def main() -> None:
    """Prove every unit of the job, and write a fault (or null) for each as JSON."""
    job: dict[str, Any] = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a handler prints is of no interest here
    sys.path_hooks[:] = [Importer, *(hook for hook in sys.path_hooks if hook is not zipimport.zipimporter)]
    found = [apart(partial(prove_group, job, group)) for group in job["groups"]]
    whole = {kind: {key: fault for one in found for key, fault in one[kind].items()} for kind in ("preload", "units")}
    json.dump(whole, answers)
    answers.flush()


def apart(do: Callable[[], Any]) -> Any:
    """Return what a function returns in a process of its own."""
    return result(begin(do))


def begin(do: Callable[[], Any]) -> tuple[int, int]:
    """Call a function in a process of its own, which ends with it; return the process and the pipe of its result."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            with os.fdopen(writer, "w") as answer:
                answer.write(json.dumps(do()) + "\n")
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    return pid, reader


def result(begun: tuple[int, int]) -> Any:
    """Return the result of a function that was begun; None where there is none."""
    pid, reader = begun
    with os.fdopen(reader) as answer:
        said = answer.readline()  # to the end may take long: what a handler has forked may keep the pipe open
    os.waitpid(pid, 0)
    return json.loads(said) if said else None


def prove_group(job: Mapping[str, Any], group: Mapping[str, Any]) -> dict[str, Any]:
    """Return the faults of the modules that all units of a library start with, and of the units."""
    sys.path[:] = [*job["beside"], *STANDARD]
    sys.meta_path.insert(0, finder(job["importer"], group["library"]))
    faults = {name: fault_of(partial(importlib.import_module, name)) for name in (*STARTED, *group["preload"])}
    importlib.import_module("zlib")  # for zipimport, which would load it anew in each process
    gc.freeze()  # what is there by now is not looked at again, which would copy it into each process
    units = group["units"]
    calm = prove_calm(sys.path[:], units)
    left = {key: unit for key, unit in units.items() if key not in calm}
    found = prove(sys.path[:], list(left.values()), Store(job["folder"]))
    return {"preload": faults, "units": {**dict.fromkeys(calm), **dict(zip(left, found, strict=True))}}


def finder(importer: str, library: str) -> Any:
    """Return what finds the modules of a library: made by the module that comes with every bundle, as it is there."""
    names: dict[str, Any] = {"__name__": "isthmus_importer"}
    with open(importer) as source:
        exec(compile(source.read(), importer, "exec"), names)
    return names["Library"](library)


def prove_calm(path: Sequence[str], units: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the calm units that can be imported, by their keys.

    The import of a calm module does nothing but define names: so several are imported one after the other in a process,
    each without the modules of the one before. Any that fails is left to be imported in a process of its own.
    """
    keys = [key for key, unit in units.items() if unit["calm"]]
    shares = [keys[start::AT_ONCE] for start in range(AT_ONCE)]
    begun = [begin(partial(import_each, path, [(key, units[key]) for key in share])) for share in shares if share]
    found: list[list[str]] = [result(one) or [] for one in begun]
    return [key for keys in found for key in keys]


def import_each(path: Sequence[str], units: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Return the keys of the units that can be imported."""
    before, environment, found = set(sys.modules), dict(os.environ), list[str]()
    for key, unit in units:
        if fault_of(partial(imported, [unit["bundle"], *path], unit)) is None:
            found.append(key)
        inside = unit["bundle"] + os.sep
        for name in [name for name in sys.modules if name not in before and is_within(sys.modules[name], inside)]:
            del sys.modules[name]
        if unit["environment"]:
            os.environ.clear()
            os.environ.update(environment)
    return found


def is_within(module: Any, folder: str) -> bool:
    """Tell whether a module is of a bundle."""
    return any(path.startswith(folder) for path in (getattr(module, "__file__", None) or "", *module_paths(module)))


def module_paths(module: Any) -> list[str]:
    """Return where a package looks for its modules."""
    return [f"{path}{os.sep}" for path in getattr(module, "__path__", ())]


def prove(path: Sequence[str], units: Sequence[Mapping[str, Any]], store: Store) -> list[dict[str, Any] | None]:
    """Return the fault of each unit."""
    places = [store.extract(unit["bundle"]) if unit["compiled"] else unit["bundle"] for unit in units]
    starts = [run(path, unit, place) for unit, place in zip(units, places, strict=True)]
    faults = finish(starts)
    doubtful = [index for index, fault in enumerate(faults) if fault and places[index] == units[index]["bundle"]]
    again = [run(path, units[index], store.extract(units[index]["bundle"])) for index in doubtful]
    for index, fault in zip(doubtful, finish(again), strict=True):
        faults[index] = fault
    return faults


class Importer(zipimport.zipimporter):
    """Imports from a zip with the bytecode in its `__pycache__`, as Python does from a folder."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of a module; compiled anew only where it has no bytecode."""
        file = self.get_filename(fullname)
        folder, name = os.path.split(file)
        try:
            data = self.get_data(f"{folder}/__pycache__/{name.removesuffix('py')}{sys.implementation.cache_tag}.pyc")
        except OSError:
            return super().get_code(fullname)
        code: CodeType = marshal.loads(memoryview(data)[16:])
        _fix_co_filename(code, file)
        return code


class Store:
    """Extracts bundles. A top-level package that several have alike is extracted once, and linked to.

    Those of other libraries, whose processes came before, are in the same folder.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.count = 0
        self.bundles: dict[str, str] = {}

    def extract(self, path: str) -> str:
        """Return the folder that has the files of the bundle at `path`."""
        if path not in self.bundles:
            self.bundles[path] = self.extracted(path)
        return self.bundles[path]

    def extracted(self, path: str) -> str:
        """Extract a bundle, part by part."""
        import zipfile  # only here: every import makes each process that is forked off cost more

        folder = self.new()
        with zipfile.ZipFile(path) as archive:
            tops: dict[str, list[zipfile.ZipInfo]] = {}
            for info in archive.infolist():
                tops.setdefault(info.filename.split("/", maxsplit=1)[0], []).append(info)
            for top, infos in tops.items():
                os.symlink(os.path.join(self.part(archive, infos), top), os.path.join(folder, top))
        return folder

    def new(self) -> str:
        """Return a new folder."""
        self.count += 1
        folder = os.path.join(self.folder, f"{os.getpid()}-{self.count}")
        os.makedirs(folder)
        return folder

    def part(self, archive: zipfile.ZipFile, infos: Sequence[zipfile.ZipInfo]) -> str:
        """Return the folder that has these files of a bundle."""
        import hashlib

        key = repr([(info.filename, info.CRC, info.file_size) for info in infos])
        folder = os.path.join(self.folder, hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest())
        if not os.path.exists(folder):
            made = self.new()
            archive.extractall(made, [info.filename for info in infos])
            os.rename(made, folder)
        return folder


class Running:
    """A process that imports one handler: its id, the pipe that it answers through, and until when."""

    def __init__(self, pid: int, pipe: int, patience: float) -> None:
        self.pid = pid
        self.pipe = pipe
        self.patience = patience
        self.ends = time.monotonic() + patience
        self.said = b""

    def hear(self) -> bool:
        """Take what it says, and tell whether that was all: what the handler has forked may keep the pipe open."""
        piece = os.read(self.pipe, _TOLD)
        self.said += piece
        return not piece or self.said.endswith(b"\n")

    def fault(self) -> dict[str, Any] | None:
        """Return what it has said of its handler."""
        code = self.end()
        try:
            found: dict[str, Any] | None = json.loads(self.said)["fault"]
        except ValueError:
            return nameless(f"importing it ends the process (exit code {code})")
        return found

    def late(self) -> dict[str, Any]:
        """End it, and return that as its fault."""
        os.kill(self.pid, signal.SIGKILL)
        self.end()
        return nameless(f"importing it did not end within {self.patience:g} s: does its module wait or loop?")

    def end(self) -> int:
        """Wait for its end, and return its exit code."""
        os.close(self.pipe)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def nameless(message: str) -> dict[str, Any]:
    """Return a fault that is no exception."""
    return {"type": "", "message": message, "missing": None, "at": ""}


def run(path: Sequence[str], unit: Mapping[str, Any], place: str) -> Callable[[], Running]:
    """Return what starts the import of a unit's handlers from its bundle at `place` when it is called."""

    def start() -> Running:
        reader, writer = os.pipe()
        pid = os.fork()
        if pid:
            os.close(writer)
            return Running(pid, reader, unit["patience"])
        code = 1
        try:
            os.close(reader)
            fault = fault_of(lambda: imported([place, *path], unit))
            os.write(writer, json.dumps({"fault": fault}).encode() + b"\n")
            code = 0
        finally:
            os._exit(code)  # threads that the handler has started do not keep it

    return start


def imported(path: Sequence[str], unit: Mapping[str, Any]) -> None:
    """Import a unit's handlers as its function would."""
    sys.path[:] = path
    os.environ.update(unit["environment"])
    links = importlib.import_module("isthmus.links")
    if links.VARIABLE in unit["environment"]:
        activate(links.decode(unit["environment"][links.VARIABLE]))
    for handler in unit["handlers"]:
        importlib.import_module("isthmus.handler").load(handler)


def activate(identity: Any) -> None:
    """Let `Resource.X` be a stub of each link: nothing real may happen while a handler is imported here."""
    resource = importlib.import_module("isthmus.resource")

    def stub(link: Any) -> Any:
        return Stub(link)

    factories: dict[str, Callable[[Any], Any]] = {link.kind: stub for link in identity.links.values()}
    try:
        known = importlib.import_module("isthmus.linked_values")
        factories |= {"parameter": known.ParameterClient, "linkable": known.LinkableClient}
    except ImportError:
        pass  # the bundle is of a provider without them
    resource.activate(resource.Scope(identity, factories))


class Stub:
    """Stands for a linked resource: it has a name, and says so to whoever wants more of it at import."""

    def __init__(self, link: Any) -> None:
        self.name = link.physical
        self._link = link

    def __getattr__(self, attribute: str) -> Callable[..., Any]:
        if attribute.startswith("__"):
            raise AttributeError(attribute)

        def refuse(*_: Any, **__: Any) -> Any:
            raise RuntimeError(
                f"Resource.{self._link.name}.{attribute} is called while the handler's module is imported. "
                "There is no resource yet: call it in the handler, or keep it in a lazy value (isthmus.lazy)"
            )

        return refuse


def fault_of(do: Callable[[], Any]) -> dict[str, Any] | None:
    """Return what is wrong with doing it: the exception's type and message, the module that is missing, and where."""
    try:
        do()
    except BaseException as error:
        cause = error.__cause__ if error.__cause__ is not None and type(error).__name__ == "HandlerLoadError" else error
        missing = getattr(cause, "name", None) if isinstance(cause, ModuleNotFoundError) else None
        return {"type": type(cause).__name__, "message": told(cause), "missing": missing, "at": place(cause)}
    return None


def told(error: BaseException) -> str:
    """Return the message of any exception, with files as the bundle has them."""
    try:
        return str(error)[:2000].replace(sys.path[0] + os.sep, "")
    except BaseException:
        return "(its message cannot be shown)"


def place(error: BaseException) -> str:
    """Return the line of a bundle's file that raised, as file:line within the bundle; "" for none."""
    import traceback

    inside = sys.path[0] + os.sep
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(inside)]
    return f"{frames[-1].filename[len(inside) :]}:{frames[-1].lineno}" if frames else ""


def finish(starts: Sequence[Callable[[], Running]]) -> list[dict[str, Any] | None]:
    """Run every unit, a few at a time, and return the fault of each."""
    faults: list[dict[str, Any] | None] = [None] * len(starts)
    waiting, running = list(enumerate(starts)), dict[int, Running]()
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            index, start = waiting.pop(0)
            running[index] = start()
        ready, _, _ = select.select([one.pipe for one in running.values()], [], [], 1.0)
        for index, one in list(running.items()):
            if one.pipe in ready and one.hear():
                faults[index] = running.pop(index).fault()
            elif time.monotonic() > one.ends:
                faults[index] = running.pop(index).late()
    return faults


if __name__ == "__main__":
    main()
