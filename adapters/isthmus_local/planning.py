"""The declaration, checked in a process of its own and then loaded into this one."""

from __future__ import annotations

import asyncio
import signal
import sys
from importlib import invalidate_caches
from pathlib import Path

from isthmus.app_loading import load_app
from isthmus.checks.draft import Draft
from isthmus.declarations.target import Target
from isthmus.identities import identify
from isthmus.plan import Plan, PlanError, in_order, plan
from isthmus.providers import find

PATIENCE = 30.0
"""Seconds that planning may take: a declaration is quick, unless it waits for something or never ends."""

_FINE = 64  # the exit code for it, and not 0: a declaration that ends the process must not be taken for a good one

_SAID_LIMIT = 64 * 1024  # bytes of what is wrong; a module may print without end while it is imported


async def check(path: str, stage: str, root: Path) -> str:
    """Return everything that is wrong with the declaration; "" where nothing is. A process of its own looks."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "isthmus_local.planning", path, stage),
        cwd=root,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C is for us, who end it
    )
    try:
        async with asyncio.timeout(PATIENCE):
            said = await _said(process)
            code = await process.wait()
    except TimeoutError:
        return f"planning did not end within {PATIENCE:g} s: does {path}, or a module that it imports, wait or loop?"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code == _FINE:
        return ""
    return said or f"planning ended with exit code {code}: does {path}, or a module that it imports, end the process?"


async def _said(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    said = b""
    while piece := await process.stdout.read(_SAID_LIMIT):
        said = (said + piece)[-_SAID_LIMIT:]  # what is wrong comes last
    return said.decode(errors="replace").strip()


def load(path: str, stage: str, root: Path) -> tuple[Plan, set[Path]]:
    """Return the plan of a declaration that has been checked, and the files that it is made of.

    Handlers are not imported, and whatever was loaded of the project before is forgotten.
    """
    forget(root)
    _keep_no_bytecode()
    target = Target(provider="local", stage=stage)
    provider = find("local")
    app = load_app(path, target)
    made_of = {Path(file).resolve() for file in _project_files(root).values()}
    if app.problems:
        raise PlanError(in_order(app.problems))
    draft = Draft(app, target, provider)
    identities = {function.name: identify(draft, function) for function in draft.functions}
    return Plan(app=app, target=target, provider=provider, identities=identities), made_of


def _keep_no_bytecode() -> None:
    """Import the project from its sources alone: bytecode would hide a save of the same size in the same second."""
    sys.dont_write_bytecode = True


def forget(root: Path) -> None:
    """Let the modules of the project be imported anew."""
    invalidate_caches()
    for name in _project_files(root):
        del sys.modules[name]


def _project_files(root: Path) -> dict[str, str]:
    files: dict[str, str] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and _is_of_project(Path(file), root) and name.partition(".")[0] not in _KEPT:
            files[name] = file
    return files


_KEPT = frozenset(("__main__", "isthmus", "isthmus_local"))  # in our own checkout, the framework is in the project


def _is_of_project(file: Path, root: Path) -> bool:
    return file.is_relative_to(root) and not {".venv", "site-packages", "tests"}.intersection(file.parts)


def main() -> None:
    """Plan, print what is wrong, and exit with 1 where anything is."""
    path, stage = sys.argv[1:]
    if hasattr(signal, "alarm"):
        signal.alarm(int(PATIENCE) + 5)  # whoever started us may be gone
    _keep_no_bytecode()
    target = Target(provider="local", stage=stage)
    try:
        plan(load_app(path, target), target).check()
    except PlanError as error:
        print(error)
        sys.exit(1)
    sys.exit(_FINE)


if __name__ == "__main__":
    main()
