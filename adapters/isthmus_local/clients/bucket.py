"""The client of a linked bucket: bytes go through files, and only what is known of them through the socket."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.envelope import outgoing
from isthmus.errors import IsthmusError, ObjectNotFoundError, ServiceError
from isthmus.links import Link
from isthmus.object_body import pieces
from isthmus.object_info import ObjectInfo, checked_content_type, checked_key, checked_metadata, utf8
from isthmus.page import Page
from isthmus.payload import BYTES, JSON, TEXT
from isthmus_local.clients.asking import Transport
from isthmus_local.store.objects import CHUNK, Objects, Upload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO


class BucketClient:
    """A linked bucket: see `isthmus.ports.Bucket`."""

    __slots__ = ("_link", "_objects", "_transport", "name")

    def __init__(self, link: Link, transport: Transport, objects: Objects) -> None:
        self.name = link.physical
        self._link = link
        self._objects = objects
        self._transport = transport

    def put(
        self,
        key: str,
        body: bytes | str | BinaryIO,
        *,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
        if_absent: bool = False,
    ) -> ObjectInfo:
        """Write a whole object; a file is streamed. `ConditionFailedError` for `if_absent` where there is one."""
        key = checked_key(key)
        kind = checked_content_type(content_type or (TEXT if isinstance(body, str) else BYTES))
        known = checked_metadata(metadata or {})
        chunks = pieces(body, CHUNK)
        with self._objects.begin(self._link.name) as upload:
            for chunk in chunks:
                upload.write(chunk)
            upload.finish()
        return self._commit(key, upload, kind, known, if_absent=bool(if_absent))

    def get(self, key: str) -> bytes:
        """Return a whole object; `ObjectNotFoundError` where there is none."""
        with self.open(key) as stream:
            return stream.read()

    def open(self, key: str) -> BinaryIO:
        """Return an object as a stream to read: the version of now, whatever is put meanwhile."""
        key = checked_key(key)
        missing = None
        while (found := self._call("read", key)) is not None:
            file: str = found[0]
            try:
                return self._objects.open(self._link.name, file)
            except FileNotFoundError as error:  # overwritten or deleted since the answer: ask again
                if file == missing:
                    raise ServiceError(f"the file of object {key!r} in bucket {self._link.name!r} is gone") from error
                missing = file
        raise ObjectNotFoundError(self._link.name, key)

    def head(self, key: str) -> ObjectInfo | None:
        """Return what is known of an object; None where there is none."""
        row = self._call("head", checked_key(key))
        return ObjectInfo(*row) if row is not None else None

    def list(self, prefix: str = "", *, limit: int = 1000, cursor: str | None = None) -> Page[ObjectInfo]:
        """Return the objects whose key starts with `prefix`, in order of their keys' UTF-8 bytes."""
        rows, following = self._call("list", utf8("a prefix", prefix).decode(), limit, cursor)
        return Page([ObjectInfo(*row) for row in rows], following)

    def delete(self, key: str) -> None:
        """Delete an object; nothing happens where there is none."""
        self._write("delete", checked_key(key))

    def presign_get(self, key: str, *, expires: int = 900) -> str:
        """Return an address that anybody on this computer can get the object from, for `expires` seconds."""
        address: str = self._call("presign_get", checked_key(key), expires)
        return address

    def presign_put(self, key: str, *, expires: int = 900, content_type: str | None = None) -> str:
        """Return an address that anybody on this computer can put the object to, for `expires` seconds."""
        kind = checked_content_type(content_type) if content_type is not None else None
        address: str = self._call("presign_put", checked_key(key), expires, kind)
        return address

    def _commit(
        self, key: str, upload: Upload, content_type: str, metadata: dict[str, str], *, if_absent: bool
    ) -> ObjectInfo:
        try:
            row = self._write("put", key, upload.file, upload.size, upload.etag, content_type, metadata, if_absent)
        except ServiceError:  # the answer is lost and the row may be there: only a sweep can tell
            raise
        except IsthmusError:
            upload.discard()
            raise
        return ObjectInfo(*row)

    def _write(self, verb: str, *args: Any) -> Any:
        return self._call(verb, *args, outgoing(None, JSON))  # what rides with it goes on to who hears of the object

    def _call(self, verb: str, *args: Any) -> Any:
        return self._transport.call(f"bucket.{verb}", self._link.name, *args)

    def __repr__(self) -> str:
        return f"<Bucket {self._link.name}>"
