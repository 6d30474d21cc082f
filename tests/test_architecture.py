"""The structure that docs/architecture.md promises, checked on the source itself."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE = ROOT / "src"
ADAPTERS = ROOT / "adapters"

RUN_TIME = (
    *(
        "_typing",
        "callbacks",
        "conditions",
        "context",
        "envelope",
        "errors",
        "event_loop",
        "handler",
        "http",
    ),
    *("lazy_value", "links", "message", "middleware", "object_event", "page", "parameters", "parsing", "payload"),
    *("logs", "readers", "resource", "serve", "table_change", "table_writes", "tick", "values"),
    *(
        "dead_letters",
        "invocations",
        "json_faults",
        "linked_values",
        "object_body",
        "object_info",
        "outgoing",
        "parts",
        "sending",
        "sources",
        "table_checks",
        "table_keys",
        "workflow_errors",
        "workflow_execution",
        "workflow_input",
        "workflow_outcome",
    ),
)
"""The parts of the core that a handler's start may import. All else describes, checks or helps a developer."""

TOOLS = ("cli", "components", "testing")
"""What may need the extras that are for developers, and for whoever deploys."""

ON_DEMAND = ("isthmus.http.plain", "isthmus.parsing", "isthmus.readers")
"""Run-time modules (with all within them) that need more; others import them only in the function that needs them."""

RUN_TIME_IMPORTS = {
    "__future__",
    "json",
    "time",
    "os",
    "contextvars",
    "threading",
    "collections",
    "functools",
    "itertools",
    "sys",
    "_thread",  # built in: its locks are those of `threading`, without loading it
}
"""What a run-time module may import at its top besides our own; all else is imported where it is used."""

TOO_HEAVY = ("typing", "dataclasses", "inspect", "asyncio", "logging", "urllib", "http", "email", "uuid", "datetime")
"""What `import isthmus` must not load."""

CLOUD_WORDS = (
    *("aws", "amazon", "boto3", "lambda", "dynamodb", "sqs", "sns", "kinesis", "eventbridge", "cloudwatch", "s3"),
    *("gcp", "google", "firestore", "pubsub", "gcs", "cloudevents?", "azure", "cosmos"),
)
"""Words that belong into an adapter. (`lambda` as Python's keyword is a syntax node, not a word of ours.)"""


RESOURCE_URIS = CORE / "isthmus" / "workflows" / "resource_uris.py"
"""The one module of the core that knows a cloud's words: the States Language's own names of what a task calls."""


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def sources(*roots: Path) -> list[Path]:
    return sorted(file for root in roots for file in python_files(root))


@cache
def python_files(root: Path) -> tuple[Path, ...]:
    """Return the Python files below `root`, without those of hidden folders: environments lie there."""
    found: list[Path] = []
    for folder, inner, files in os.walk(root):
        inner[:] = [name for name in inner if not name.startswith(".")]
        found += [Path(folder, name) for name in files if name.endswith(".py")]
    return tuple(found)


def everything() -> list[Path]:
    return sources(*(ROOT / folder for folder in ("src", "adapters", "functions", "infra", "tests", "benchmarks")))


def module_name(path: Path) -> str:
    for root in (CORE, ADAPTERS, ROOT):
        if path.is_relative_to(root):
            return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    raise ValueError(path)


def is_for_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def statements(body: Sequence[ast.stmt], *, inside_functions: bool) -> Iterator[ast.stmt]:
    """Yield the statements that run at import, or all of them; never those that only a type checker sees."""
    for node in body:
        if is_for_checkers(node):
            continue
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not inside_functions:
            continue
        for field in ("body", "orelse", "finalbody", "handlers"):
            yield from statements(getattr(node, field, None) or [], inside_functions=inside_functions)


def imports(path: Path, *, inside_functions: bool) -> set[str]:
    """Return the full names of what a file imports; `from a import b` counts as `a.b` where that is a module."""
    found: set[str] = set()
    for node in statements(parsed(path).body, inside_functions=inside_functions):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {submodule(node.module, alias.name) for alias in node.names}
    return found


@cache
def submodule(package: str, name: str) -> str:
    for root in (CORE, ADAPTERS, ROOT):
        inner = root.joinpath(*package.split("."), name)
        if inner.with_suffix(".py").exists() or inner.is_dir():
            return f"{package}.{name}"
    return package


def part(module: str) -> str:
    """Return which part of the core a module belongs to: `isthmus.http.router` is of `http`."""
    return module.split(".")[1] if "." in module else ""


def is_run_time(module: str) -> bool:
    return part(module) in RUN_TIME


def is_on_demand(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in ON_DEMAND)


def adapters() -> list[str]:
    return sorted(path.name for path in ADAPTERS.iterdir() if (path / "__init__.py").exists())


def run_time_sources() -> list[Path]:
    return [path for path in sources(CORE) if is_run_time(module_name(path))]


def test_the_core_imports_no_adapter_no_app_and_no_test() -> None:
    outside = {*adapters(), "functions", "infra", "tests", "benchmarks"}

    wrong = [
        f"{module_name(path)} imports {name}"
        for path in sources(CORE)
        for name in imports(path, inside_functions=True)
        if name.split(".")[0] in outside
    ]

    assert wrong == []


def test_an_adapter_imports_no_other_adapter_and_no_app() -> None:
    wrong = [
        f"{module_name(path)} imports {name}"
        for adapter in adapters()
        for path in sources(ADAPTERS / adapter)
        for name in imports(path, inside_functions=True)
        if name.split(".")[0] in {*adapters(), "functions", "infra", "tests", "benchmarks"} - {adapter}
    ]

    assert wrong == []


def test_the_handlers_of_the_reference_app_know_the_core_alone() -> None:
    wrong = [
        f"{module_name(path)} imports {name}"
        for path in sources(ROOT / "functions")
        for name in imports(path, inside_functions=True)
        if name.split(".")[0] not in {"isthmus", "functions", *sys.stdlib_module_names}
    ]

    assert wrong == []


def test_a_plan_needs_little_more_than_the_standard_library() -> None:
    wrong = [
        f"{module_name(path)} imports {name}"
        for path in sources(CORE)
        if part(module_name(path)) not in TOOLS
        for name in imports(path, inside_functions=False)
        if name.split(".")[0] not in {"isthmus", "cronsim", *sys.stdlib_module_names}
    ]

    assert wrong == []


def test_a_run_time_module_imports_little_at_its_top_and_nothing_of_the_declaration() -> None:
    wrong = [
        f"{module_name(path)} imports {name}"
        for path in run_time_sources()
        if not is_on_demand(module_name(path))
        for name in imports(path, inside_functions=False)
        if not (name.split(".")[0] in RUN_TIME_IMPORTS or is_run_time(name)) or is_on_demand(name)
    ]

    assert wrong == []


def test_a_run_time_module_uses_no_declaration_in_its_functions_either() -> None:
    wrong = [
        f"{module_name(path)} imports {name}"
        for path in run_time_sources()
        for name in imports(path, inside_functions=True)
        if name.startswith("isthmus.") and not is_run_time(name)
    ]

    assert wrong == []


def test_within_the_library_names_come_from_the_module_that_defines_them() -> None:
    wrong = [
        module_name(path)
        for path in sources(CORE, ADAPTERS)
        if "isthmus" in imports(path, inside_functions=True) and module_name(path) != "isthmus"
    ]

    assert wrong == []


def test_no_import_is_relative() -> None:
    wrong = [
        f"{module_name(path)}:{node.lineno}"
        for path in everything()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]

    assert wrong == []


def test_no_import_goes_round_in_a_circle() -> None:
    graph = {
        module_name(path): {name for name in imports(path, inside_functions=False) if name != module_name(path)}
        for path in sources(CORE, ADAPTERS, ROOT / "functions", ROOT / "infra")
    }

    assert list(circles(graph)) == []


def circles(graph: dict[str, set[str]]) -> Iterator[str]:
    """Yield each circle that a walk in depth comes upon, as `a → b → a`."""
    done: set[str] = set()

    def walk(module: str, path: list[str]) -> Iterator[str]:
        if module in path:
            yield " → ".join([*path[path.index(module) :], module])
        elif module in graph and module not in done:
            for name in sorted(graph[module]):
                yield from walk(name, [*path, module])
            done.add(module)

    for module in sorted(graph):
        yield from walk(module, [])


def test_the_search_for_circles_finds_one() -> None:
    assert list(circles({"a": {"b"}, "b": {"c"}, "c": {"b"}})) == ["b → c → b"]


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in everything()}

    assert {path: length for path, length in lengths.items() if length > 400} == {}


def test_no_function_is_longer_than_fifty_lines() -> None:
    lengths = {
        f"{path.relative_to(ROOT)}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in everything()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: length for name, length in lengths.items() if length > 50} == {}


def test_the_core_names_no_cloud() -> None:
    words = re.compile(rf"(?<![a-z0-9])({'|'.join(CLOUD_WORDS)})(?![a-z0-9])", re.IGNORECASE)

    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources(CORE)
        if not path.is_relative_to(CORE / "isthmus" / "testing") and path != RESOURCE_URIS
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if words.search(re.sub(r"\blambda\b(?=[^'\"`]*:)", "", line))
    ]

    assert wrong == []


def test_a_first_program_needs_at_most_fifteen_names() -> None:
    import isthmus

    assert 1 <= len(isthmus.__all__) <= 15
    assert [name for name in isthmus.__all__ if not hasattr(isthmus, name)] == []


@pytest.mark.parametrize("adapter", adapters())
def test_an_adapter_exports_its_provider_and_nothing_else(adapter: str) -> None:
    module = importlib.import_module(adapter)

    assert module.__all__ == ["provider"]
    assert module.provider.name == adapter.removeprefix("isthmus_")


def test_what_a_handler_imports_loads_nothing_heavy() -> None:
    # `-S -E -I`: a site-packages .pth may load what we must not; ours is put on the path by hand.
    script = (
        f"import sys; sys.path.insert(0, {str(CORE)!r}); before = set(sys.modules)\n"
        "from isthmus import HttpRequest, HttpResponse, Message, ObjectEvent, Resource, TableChange, Tick\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    run = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True)

    loaded = {name.split(".")[0] for name in run.stdout.split()}

    assert loaded.isdisjoint(TOO_HEAVY), loaded & set(TOO_HEAVY)
    assert loaded <= {"isthmus", *RUN_TIME_IMPORTS} | standard_library_of_json()


def standard_library_of_json() -> set[str]:
    """Return what the allowed modules themselves load: measured, since it differs between versions of Python."""
    script = f"import sys; import {', '.join(sorted(RUN_TIME_IMPORTS))}; print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in run.stdout.split()}
