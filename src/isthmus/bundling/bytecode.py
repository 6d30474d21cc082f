"""Bytecode that is taken as it is: no start looks whether the source has changed."""

from __future__ import annotations

import ast
import marshal
import re
import sys
from importlib.util import MAGIC_NUMBER, source_hash
from types import CodeType

from isthmus.bundling.lean import lean_code, lean_tree

CODE = 16
"""Where the code of a bytecode file begins."""

_UNCHECKED_HASH = (1).to_bytes(4, "little")
"""PEP 552: identified by the source's hash rather than its time, and never checked against it."""

_NO_HASH = bytes(8)
"""Of what has no source beside it: nobody could check it, and it only takes room."""

_TEXT_TO_REFER_TO, _REFERENCE = b"\xf5", b"r\0\0\0\0"
"""A text (u) that is the first object with the mark (0x80) for references, and a reference to the first of them."""

WITHOUT_REFERENCES = 2
"""The version of marshal's format that writes an object again wherever it occurs.

Later ones mark what the compiling process refers to more than once, so that the same source gives other bytes in
another process. It costs 8 µs more a module to load, and no more bytes of a zip.
"""


def bytecode(source: bytes, name: str, *, lean: bool = False) -> bytes:
    """Return the bytecode file of a module whose source lies at `name` in the bundle; `SyntaxError` where it is none.

    `lean` is for modules of ours, which come without their source: see `lean`.
    """
    tree = ast.parse(source, filename=name)
    if lean:
        tree = lean_tree(tree)
    code = compile(tree, name, "exec", dont_inherit=True, optimize=0)
    if lean:
        return MAGIC_NUMBER + _UNCHECKED_HASH + _NO_HASH + _told_once(_marshalled(lean_code(code)), name)
    return MAGIC_NUMBER + _UNCHECKED_HASH + source_hash(source) + _marshalled(code)


def bytecode_name(name: str) -> str:
    """Return where the bytecode of the source at `name` belongs: `a/b.py` → `a/__pycache__/b.cpython-311.pyc`."""
    folder, slash, file = name.rpartition("/")
    return f"{folder}{slash}__pycache__/{file.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc"


def _marshalled(code: CodeType) -> bytes:
    try:
        return marshal.dumps(code, WITHOUT_REFERENCES)
    except ValueError:  # a constant slice, which Python 3.14 has and that version cannot write
        return marshal.dumps(code)


def _told_once(data: bytes, name: str) -> bytes:
    """Return marshalled code in which the file's name stands once, and each other function refers to it."""
    text = len(name).to_bytes(4, "little") + name.encode()
    first, *others = re.split(b"[tu]" + re.escape(text), data)
    return (first + _TEXT_TO_REFER_TO + text + _REFERENCE.join(others)) if others else data
