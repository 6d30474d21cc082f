"""The client of a linked bucket, which is one of Cloud Storage."""

from __future__ import annotations

from isthmus._typing import Any, Callable, Mapping
from isthmus.envelope import new_id
from isthmus.errors import ConditionFailedError, InvalidValueError, IsthmusError, ObjectNotFoundError
from isthmus.links import Link
from isthmus.object_info import ObjectInfo, checked_content_type, checked_key, utf8
from isthmus.page import Page
from isthmus.payload import BYTES, TEXT
from isthmus_gcp.clients import object_metadata
from isthmus_gcp.clients.asking import Asking
from isthmus_gcp.clients.errors import code_of
from isthmus_gcp.clients.signed_address import signed_address
from isthmus_gcp.clients.upload import upload
from isthmus_gcp.object_names import checked_name, object_key, object_name
from isthmus_gcp.rest import CONNECT_TIMEOUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from isthmus_gcp.services import Services

PAGE_LIMIT = 1000
"""The most objects of one page: https://cloud.google.com/storage/docs/json_api/v1/objects/list."""

EXPIRES_LIMIT = 7 * 24 * 3600
"""The longest life of a signed address, in seconds."""

_NO_BUCKET = "bucket does not exist"


class BucketClient:
    """A linked bucket: see `isthmus.ports.Bucket`.

    A signed address is good as long as the key that signed it: that of a function's account, which Google keeps and
    changes, is for 12 hours at least. https://cloud.google.com/iam/docs/best-practices-for-managing-service-account-keys
    """

    __slots__ = ("_asking", "_services", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._asking = Asking(link, services)
        self._services = services

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
        self._asking.allow("write")
        key = checked_key(key)
        name = checked_name(key)
        kind = checked_content_type(content_type or (TEXT if isinstance(body, str) else BYTES))
        known = object_metadata.checked(metadata or {})
        write = new_id()

        def put() -> Any:
            blob = self._blob(name)
            blob.metadata = object_metadata.outgoing(known, write)
            condition = {"if_generation_match": 0} if if_absent else {}
            upload(blob, body, content_type=kind, checksum="crc32c", **condition, **self._patience)
            return blob

        try:
            return _info(key, self._asking.ask("write", put))
        except ConditionFailedError as error:
            stored = self._own(name, write)
            if stored is not None:
                return _info(key, stored)
            raise ConditionFailedError(f"bucket {self._asking.link.name!r} has an object {key!r} already") from error

    def get(self, key: str) -> bytes:
        """Return a whole object; `ObjectNotFoundError` where there is none."""
        with self.open(key) as stream:
            return stream.read()

    def open(self, key: str) -> BinaryIO:
        """Return an object as a stream to read: the version of now, whatever is put meanwhile."""
        self._asking.allow("read")
        key = checked_key(key)
        name = checked_name(key)
        from isthmus_gcp.clients.object_stream import open_body

        try:
            answer = self._asking.ask("read", lambda: self._opened(name, 0, ""))
        except IsthmusError as error:
            if not _is_missing(error):
                raise
            raise ObjectNotFoundError(self._asking.link.name, key) from error.__cause__

        def again(offset: int, generation: str) -> Any:
            return self._opened(name, offset, generation)

        return open_body(answer, again, lambda error: self._asking.translated(error, "read"))

    def head(self, key: str) -> ObjectInfo | None:
        """Return what is known of an object; None where there is none."""
        self._asking.allow("read")
        key = checked_key(key)
        blob = self._known("read", checked_name(key))
        return None if blob is None else _info(key, blob)

    def list(self, prefix: str = "", *, limit: int = PAGE_LIMIT, cursor: str | None = None) -> Page[ObjectInfo]:
        """Return the objects whose key starts with `prefix`, in order of their keys' UTF-8 bytes."""
        self._asking.allow("read")
        if type(limit) is not int or limit < 1:
            raise InvalidValueError(f"limit is a whole number of at least 1, not {limit!r:.80}")
        beginning = object_name(utf8("a prefix", prefix).decode())

        def listed() -> tuple[Any, str | None]:
            found: Any = self._services.storage().list_blobs(
                self.name,
                prefix=beginning or None,
                max_results=min(limit, PAGE_LIMIT),
                page_token=cursor,
                **self._patience,
            )
            page = next(found.pages, ())
            return [*page], found.next_page_token

        blobs, following = self._asking.ask("read", listed)
        return Page([_info(object_key(blob.name), blob) for blob in blobs], following or None)

    def delete(self, key: str) -> None:
        """Delete an object; nothing happens where there is none."""
        self._asking.allow("write")
        blob = self._blob(checked_name(checked_key(key)))
        self._present("write", lambda: blob.delete(**self._patience))

    def presign_get(self, key: str, *, expires: int = 900) -> str:
        """Return an address that anybody can get the object from, for `expires` seconds."""
        return self._presign("read", "GET", key, expires, {})

    def presign_put(self, key: str, *, expires: int = 900, content_type: str | None = None) -> str:
        """Return an address that anybody can put the object to, of that content type if one is given."""
        kind = {"content_type": checked_content_type(content_type)} if content_type is not None else {}
        return self._presign("write", "PUT", key, expires, kind)

    def _presign(self, verb: str, method: str, key: str, expires: int, kind: Mapping[str, str]) -> str:
        self._asking.allow(verb)
        name = checked_name(checked_key(key))
        if type(expires) is not int or not 1 <= expires <= EXPIRES_LIMIT:
            raise InvalidValueError(f"expires is 1 to {EXPIRES_LIMIT:,} whole seconds, not {expires!r:.80}")
        address: str = self._asking.ask(
            verb, lambda: signed_address(self._services, self._blob(name), method, expires, kind)
        )
        return address

    def _opened(self, name: str, offset: int, generation: str) -> Any:
        """Return the answer that an object's bytes come in, from `offset` on, as they are stored."""
        from isthmus_gcp.connections.storage import download

        return download(self._services, self.name, name, offset, generation, **self._patience)

    def _blob(self, name: str) -> Any:
        return self._services.storage().bucket(self.name).blob(name)

    def _known(self, verb: str, name: str) -> Any:
        blob = self._blob(name)
        return blob if self._present(verb, lambda: blob.reload(**self._patience)) else None

    def _present(self, verb: str, call: Callable[[], Any]) -> bool:
        """Make a call on an object, and tell whether there is one."""
        try:
            self._asking.ask(verb, call)
        except IsthmusError as error:
            if not _is_missing(error):
                raise
            return False
        return True

    def _own(self, name: str, write: str) -> Any:
        """Return the object that is there, if this write has put it: a request whose answer was lost was made again."""
        try:
            blob = self._known("write", name)
        except IsthmusError:  # it may not be looked at: a link to write alone
            return None
        return blob if blob is not None and object_metadata.write_of(blob.metadata) == write else None

    @property
    def _patience(self) -> dict[str, Any]:
        from importlib import import_module

        default: Any = import_module("google.cloud.storage.retry").DEFAULT_RETRY
        deadline = self._services.deadline
        return {"retry": default.with_timeout(deadline), "timeout": (CONNECT_TIMEOUT, deadline)}

    def __repr__(self) -> str:
        return f"<Bucket {self._asking.link.name}>"


def _info(key: str, blob: Any) -> ObjectInfo:
    metadata = object_metadata.incoming(blob.metadata)
    modified: float = blob.updated.timestamp()
    return ObjectInfo(key, blob.size, str(blob.etag).strip('"'), blob.content_type or "", modified, metadata)


def _is_missing(error: IsthmusError) -> bool:
    return code_of(error.__cause__) == "NOT_FOUND" and _NO_BUCKET not in str(error.__cause__)
