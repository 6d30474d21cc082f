"""What stands in for a name that there is not, so that the rest of a declaration is looked at all the same."""

from __future__ import annotations

from collections.abc import Iterator


class Unknown:
    """Swallows whatever is done with it. That the name is unknown has been told; nobody tells of it again."""

    def __getattr__(self, name: str) -> Unknown:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_args: object, **_options: object) -> Unknown:
        """Return itself, whatever it is called with."""
        return self

    def __iter__(self) -> Iterator[object]:
        return iter(())


UNKNOWN = Unknown()
