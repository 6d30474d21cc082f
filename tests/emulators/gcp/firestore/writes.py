"""Writes: what they ask of a document before, and what they make of it.

https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#write
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.emulators.gcp.firestore import fields, limits, transforms
from tests.emulators.gcp.firestore.clock import microseconds, timestamp
from tests.emulators.gcp.firestore.messages import Document, Message, WriteResult
from tests.emulators.gcp.firestore.names import document_name
from tests.emulators.gcp.firestore.refusals import RefusalError, exists, invalid, not_found, precondition

_NAMES: dict[str, Callable[[Message], str]] = {
    "update": lambda write: write.update.name,
    "delete": lambda write: write.delete,
    "transform": lambda write: write.transform.document,
}


@dataclass(slots=True)
class Batch:
    """What some writes make of the documents that they name, not yet stored."""

    at: int
    read: Callable[[str], Message | None]
    after: dict[str, Message | None] = field(default_factory=dict[str, Message | None])
    before: dict[str, Message | None] = field(default_factory=dict[str, Message | None])
    results: list[Message] = field(default_factory=list[Message])
    sizes: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, write: Message) -> None:
        """Apply one more write."""
        name = written(write)
        present = self._present(name)
        _check(write.current_document, present, name)
        result = WriteResult()
        self.results.append(result)
        if write.WhichOneof("operation") == "delete":
            self.after[name] = None
            result.update_time.CopyFrom(timestamp(self.at))
        else:
            self.after[name] = self._written(write, present, result)

    def changes(self) -> dict[str, tuple[Message | None, Message | None]]:
        """Return, by name, what the writes change: the document before and after."""
        return {
            name: (self.before[name], after) for name, after in self.after.items() if after is not self.before[name]
        }

    def _present(self, name: str) -> Message | None:
        if name not in self.before:
            self.before[name] = self.read(name)
        return self.after[name] if name in self.after else self.before[name]

    def _written(self, write: Message, present: Message | None, result: Message) -> Message:
        document = _updated(write, present)
        for transform in _transforms_of(write):
            result.transform_results.append(transforms.apply(document, transform, self.at))
        self.sizes[document.name] = limits.check(document)
        if present is not None and present.fields == document.fields:
            result.update_time.CopyFrom(present.update_time)  # a write that changes nothing leaves the time as it is
            return present
        created = present.create_time if present is not None else timestamp(self.at)
        document.create_time.CopyFrom(created)
        document.update_time.CopyFrom(timestamp(self.at))
        result.update_time.CopyFrom(document.update_time)
        return document


def written(write: Message) -> str:
    """Return the name of the document that a write is about."""
    operation = write.WhichOneof("operation")
    if operation is None:
        raise invalid("A write needs an operation.")
    return document_name(_NAMES[operation](write))


def check_transforms(writes: Sequence[Message]) -> None:
    """Refuse more field transforms of one document than a commit takes."""
    counts: Counter[str] = Counter()
    for write in writes:
        if transformed := _transforms_of(write):
            counts[written(write)] += len(transformed)
    if counts and max(counts.values()) > limits.TRANSFORMS:
        raise invalid(f"A commit takes at most {limits.TRANSFORMS} field transforms of a document.")


def _transforms_of(write: Message) -> Sequence[Message]:
    is_transform = write.WhichOneof("operation") == "transform"
    found: Sequence[Message] = write.transform.field_transforms if is_transform else write.update_transforms
    return found


def _updated(write: Message, present: Message | None) -> Message:
    document = Document(name=written(write))
    is_update = write.WhichOneof("operation") == "update"
    if is_update and not write.HasField("update_mask"):
        _copy_fields(write.update, document)
        return document
    if present is not None:
        _copy_fields(present, document)
    if is_update:
        _merge(document, write)
    return document


def _copy_fields(source: Message, target: Message) -> None:
    for name, value in source.fields.items():
        target.fields[name].CopyFrom(value)


def _merge(document: Message, write: Message) -> None:
    for path in write.update_mask.field_paths:
        parts = fields.segments(path)
        value = fields.get(write.update.fields, parts)
        if value is None:
            fields.remove(document.fields, parts)
        else:
            fields.put(document.fields, parts, value)


def _check(condition: Message, present: Message | None, name: str) -> None:
    kind = condition.WhichOneof("condition_type")
    if kind == "exists" and not condition.exists and present is not None:
        raise exists(f"Document already exists: {name}")
    if kind and present is None and (kind == "update_time" or condition.exists):
        raise _missing(name)
    if kind == "update_time" and present is not None:
        wanted, found = microseconds(condition.update_time), microseconds(present.update_time)
        if wanted != found:
            raise precondition(f"the stored version ({found}) does not match the required base version ({wanted})")


def _missing(name: str) -> RefusalError:
    return not_found(f"No document to update: {name}")
