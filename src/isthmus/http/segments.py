"""The segments of a path: told apart before they are decoded, and refused where nobody should follow them."""

from __future__ import annotations

from isthmus.errors import BadRequestError


def check_path(path: str) -> None:
    """Raise `BadRequestError` for a path that nobody should follow, where the provider has found the route itself."""
    if path[:1] != "/" or not _is_plain(path):
        segments(path)


def segments(path: str) -> list[str]:
    """Return the decoded segments of a path; 400 for one that nobody should follow."""
    if not path.startswith("/"):
        raise BadRequestError("the path must begin with a slash")
    if _is_plain(path):
        return path[1:].split("/")
    return [_segment(segment) for segment in path[1:].split("/")]


def _is_plain(path: str) -> bool:
    """Tell whether each segment is what it looks like, and may be: so it is of nearly every path."""
    return "%" not in path and path.isascii() and "." not in path and "\0" not in path


def _segment(raw: str) -> str:
    segment = raw if raw.isascii() and "%" not in raw and "\0" not in raw else _decoded(raw)
    # An encoded slash must not smuggle in what the segment itself may not be.
    if "." in segment and not {".", ".."}.isdisjoint(segment.replace("\\", "/").split("/")):
        raise BadRequestError("the path holds a dot segment")
    return segment


def _decoded(raw: str) -> str:
    from isthmus.http.percent import decode

    try:
        return decode(raw)
    except ValueError:
        raise BadRequestError("the path holds a broken escape, or is not UTF-8") from None
