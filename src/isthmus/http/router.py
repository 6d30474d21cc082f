"""Which route a request takes: literal segments before parameters, parameters before greedy ones."""

from __future__ import annotations

from isthmus._typing import Any, Iterable
from isthmus.errors import InvalidValueError, MethodNotAllowedError, NotFoundError
from isthmus.http.pattern import faults_of, split_pattern
from isthmus.http.segments import segments


class _Node:
    """A place in the tree of paths: what comes next, and the routes that end here, by method."""

    __slots__ = ("greedy", "literals", "methods", "parameter")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.greedy: _Node | None = None
        self.methods: dict[str, tuple[Any, tuple[str, ...]]] = {}


class Router:
    """Finds the route of a request, in a time that does not grow with the number of routes.

    A row is (method, pattern, value), such as ("GET", "/orders/{id}", handler); method ANY takes what has no route of
    its own. `{name}` matches one segment that is not empty; `{name+}`, at the end, the rest of the path as it is, if
    its first segment is not empty. A trailing slash matters. Segments are told apart before they are decoded, so that
    `%2F` stays within its parameter.
    """

    __slots__ = ("_root", "_static")

    def __init__(self, rows: Iterable[tuple[str, str, Any]]) -> None:
        self._root = _Node()
        self._static: dict[str, dict[str, tuple[Any, tuple[str, ...]]]] = {}
        for method, pattern, value in rows:
            self._add(method, pattern, value)

    def _add(self, method: str, pattern: str, value: Any) -> None:
        faults = faults_of(pattern)
        if faults:
            raise InvalidValueError(f"{method} {pattern}: {faults[0]}")
        node = self._root
        names: list[str] = []
        for kind, text in split_pattern(pattern):
            node = _child(node, kind, text)
            if kind != "literal":
                names.append(text)
        if method in node.methods:
            raise InvalidValueError(f"{method} {pattern}: another route takes the same requests")
        node.methods[method] = (value, tuple(names))
        if not names:
            self._static[pattern] = node.methods

    def match(self, method: str, path: str) -> tuple[Any, dict[str, str]]:
        """Return the value of the route that takes a request, and its decoded path parameters.

        HEAD goes where GET does, unless it has a route of its own. Raises `BadRequestError` for a path that nobody
        should follow, `NotFoundError`, or `MethodNotAllowedError`; an OPTIONS that ends in the last is for the caller
        to answer, with `allowed`.
        """
        methods = self._static.get(path)
        if methods:
            literal = methods.get(method)
            if literal:
                return literal[0], {}
        found = segments(path)
        straight = self._straight(found)
        if straight:
            route = _route(straight[0].methods, method)
            if route:
                return route[0], dict(zip(route[1], straight[1], strict=True))
        nodes = self._find(found)
        for node, values in nodes:
            route = _route(node.methods, method)
            if route:
                return route[0], dict(zip(route[1], values, strict=True))
        raise MethodNotAllowedError(_allow(nodes))

    def allowed(self, path: str) -> list[str]:
        """Return the methods that `path` can be asked with, OPTIONS always among them; raises as `match` does."""
        return _allow(self._find(segments(path)))

    def _straight(self, segments: list[str]) -> tuple[_Node, list[str]] | None:
        """Return the first place that `_find` would, if the way there needs no look at any other: nearly always."""
        node = self._root
        values: list[str] = []
        for segment in segments:
            inner = node.literals.get(segment)
            if inner is None:
                inner = node.parameter
                if inner is None or not segment:
                    return None
                values.append(segment)
            node = inner
        return node, values

    def _find(self, segments: list[str]) -> list[tuple[_Node, list[str]]]:
        """Return each place that a path leads to, the most literal first, with the values of the parameters there."""
        found: list[tuple[_Node, list[str]]] = []
        _collect(self._root, segments, 0, [], found)
        if not found:
            raise NotFoundError("there is nothing at this address")
        return found


def _child(node: _Node, kind: str, text: str) -> _Node:
    if kind == "literal":
        return node.literals.setdefault(text, _Node())
    if kind == "greedy":
        node.greedy = node.greedy or _Node()
        return node.greedy
    node.parameter = node.parameter or _Node()
    return node.parameter


def _collect(
    node: _Node, segments: list[str], at: int, values: list[str], found: list[tuple[_Node, list[str]]]
) -> None:
    if at == len(segments):
        if node.methods:
            found.append((node, values))
        return
    segment = segments[at]
    if segment in node.literals:
        _collect(node.literals[segment], segments, at + 1, values, found)
    if node.parameter and segment:
        _collect(node.parameter, segments, at + 1, [*values, segment], found)
    if node.greedy and segment:
        found.append((node.greedy, [*values, "/".join(segments[at:])]))


def _route(methods: dict[str, tuple[Any, tuple[str, ...]]], method: str) -> tuple[Any, tuple[str, ...]] | None:
    route = methods.get(method)
    if route is None and method == "HEAD":
        route = methods.get("GET")
    return route or methods.get("ANY")


def _allow(nodes: list[tuple[_Node, list[str]]]) -> list[str]:
    methods = {method for node, _ in nodes for method in node.methods} | {"OPTIONS"}
    if "GET" in methods:
        methods.add("HEAD")
    if "ANY" in methods:
        methods |= {"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"}
        methods.discard("ANY")
    return sorted(methods)
