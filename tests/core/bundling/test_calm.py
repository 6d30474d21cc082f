from __future__ import annotations

import ast

import pytest

from isthmus.bundling.calm import is_calm


@pytest.mark.parametrize(
    "source",
    [
        '"""Text."""\nfrom __future__ import annotations\nimport json\nfrom desk import prices as p\n',
        "A = 1\nB = (A, 'b', {'c': [A]}, -2)\nC = D = A\n",
        "A: dict[str, int] = {}\nB: int\n",
        "def handle(event: dict, size: int = 3, *rest: tuple[str, int], key: str | None = None):\n    event.go()",
        "async def handle(event):\n    raise ValueError\n",
        "class Order:\n    'Text.'\n    size = 1\n    def total(self):\n        return call()\n",
        "class OrderError(ValueError):\n    pass\n",
        "if TYPE_CHECKING:\n    import nowhere\n    call()\nelse:\n    import json\n",
        "from __future__ import annotations\ndef handle(event: a.b[c()]) -> d(): ...\n",
    ],
)
def test_a_module_that_only_defines_names_is_calm(source: str) -> None:
    assert is_calm(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "call()",
        "A = call()",
        "A = [call()]",
        "A = lambda b: b",
        "A = a.b",
        "A = a['b']",
        "A = f'{call()}'",
        "A = [b for b in c]",
        "A = (b := 1)",
        "a.b = 1",
        "a['b'] = 1",
        "A, B = 1, 2",
        "A += 1",
        "del a",
        "import json\njson.mark = 1",
        "from os import *",
        "from json import dumps\nassert dumps",
        "raise ValueError",
        "for a in b: pass",
        "while True: pass",
        "with a: pass",
        "try:\n    import a\nexcept ImportError:\n    pass",
        "if a:\n    import json",
        "@decorate\ndef handle(event): ...",
        "@decorate\nclass A: ...",
        "class A(Base): ...",
        "class A(metaclass=M): ...",
        "class A:\n    call()",
        "class A:\n    @property\n    def b(self): ...",
        "def handle(event=call()): ...",
        "def handle(*, event=call()): ...",
        "def handle(event: call()): ...",
        "def handle(event: a.b): ...",
        "def handle(event: A[0]): ...",
        "A: call() = 1",
        "def __getattr__(name): ...",
        "global a",
        "match a:\n    case _: pass",
    ],
)
def test_a_module_that_may_do_more_or_tell_what_was_imported_before_is_not(source: str) -> None:
    assert not is_calm(ast.parse(source))
