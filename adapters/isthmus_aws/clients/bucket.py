"""The client of a linked bucket, which is one of S3."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.errors import ConditionFailedError, InvalidValueError, IsthmusError, ObjectNotFoundError
from isthmus.links import Link
from isthmus.object_body import pieces
from isthmus.object_info import ObjectInfo, checked_content_type, checked_key, utf8
from isthmus.page import Page
from isthmus.payload import BYTES, TEXT
from isthmus_aws.clients import object_metadata
from isthmus_aws.clients.asking import Asking
from isthmus_aws.clients.errors import code_of, core_error
from isthmus_aws.clients.upload import CHUNK, Upload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from isthmus_aws.services import Services

PAGE_LIMIT = 1000
"""The most objects of one page: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html."""

EXPIRES_LIMIT = 7 * 24 * 3600
"""The longest life of a signed address, in seconds."""

_MISSING = ("NoSuchKey", "NotFound", "404")


class BucketClient:
    """A linked bucket: see `isthmus.ports.Bucket`.

    What a listing tells of an object has neither content type nor metadata: S3 lists none, `head` has them. A signed
    address dies with the credentials that signed it, which of a function are those of some hours.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
    """

    __slots__ = ("_asking", "_services", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._asking = Asking(link, services, "s3")
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
        kind = checked_content_type(content_type or (TEXT if isinstance(body, str) else BYTES))
        known = object_metadata.checked(metadata or {})
        stored = {"ContentType": kind, "Metadata": object_metadata.outgoing(known)}
        upload = Upload(self._asking, {"Bucket": self.name, "Key": key}, stored, if_absent=bool(if_absent))
        try:
            upload.write(pieces(body, CHUNK))
        except ConditionFailedError as error:
            raise ConditionFailedError(f"bucket {self._asking.link.name!r} has an object {key!r} already") from error
        return ObjectInfo(key, upload.size, upload.etag, kind, upload.modified, known)

    def get(self, key: str) -> bytes:
        """Return a whole object; `ObjectNotFoundError` where there is none."""
        with self.open(key) as stream:
            return stream.read()

    def open(self, key: str) -> BinaryIO:
        """Return an object as a stream to read: the version of now, whatever is put meanwhile."""
        self._asking.allow("read")
        key = checked_key(key)
        from isthmus_aws.clients.object_stream import open_body

        try:
            answer = self._asking.ask("read", "get_object", Bucket=self.name, Key=key)
        except IsthmusError as error:
            if not _is_missing(error):
                raise
            raise ObjectNotFoundError(self._asking.link.name, key) from error.__cause__
        return open_body(answer["Body"], self._broken)

    def head(self, key: str) -> ObjectInfo | None:
        """Return what is known of an object; None where there is none."""
        self._asking.allow("read")
        key = checked_key(key)
        try:
            answer = self._asking.ask("read", "head_object", Bucket=self.name, Key=key)
        except IsthmusError as error:
            if not _is_missing(error):
                raise
            return None
        metadata = object_metadata.incoming(answer.get("Metadata", {}))
        kind: str = answer.get("ContentType", "")
        return ObjectInfo(key, answer["ContentLength"], etag_of(answer), kind, _seconds(answer), metadata)

    def list(self, prefix: str = "", *, limit: int = PAGE_LIMIT, cursor: str | None = None) -> Page[ObjectInfo]:
        """Return the objects whose key starts with `prefix`, in order of their keys' UTF-8 bytes."""
        self._asking.allow("read")
        if type(limit) is not int or limit < 1:
            raise InvalidValueError(f"limit is a whole number of at least 1, not {limit!r:.80}")
        options = {"ContinuationToken": cursor} if cursor is not None else {}
        answer = self._asking.ask(
            "read",
            "list_objects_v2",
            Bucket=self.name,
            Prefix=utf8("a prefix", prefix).decode(),
            MaxKeys=min(limit, PAGE_LIMIT),
            **options,
        )
        return Page([_listed(entry) for entry in answer.get("Contents", ())], answer.get("NextContinuationToken"))

    def delete(self, key: str) -> None:
        """Delete an object; nothing happens where there is none."""
        self._asking.allow("write")
        self._asking.ask("write", "delete_object", Bucket=self.name, Key=checked_key(key))

    def presign_get(self, key: str, *, expires: int = 900) -> str:
        """Return an address that anybody can get the object from, for `expires` seconds."""
        return self._presign("read", "get_object", expires, {"Key": checked_key(key)})

    def presign_put(self, key: str, *, expires: int = 900, content_type: str | None = None) -> str:
        """Return an address that anybody can put the object to, of that content type if one is given."""
        kind = {"ContentType": checked_content_type(content_type)} if content_type is not None else {}
        return self._presign("write", "put_object", expires, {"Key": checked_key(key), **kind})

    def _presign(self, verb: str, operation: str, expires: int, parameters: Mapping[str, Any]) -> str:
        if type(expires) is not int or not 1 <= expires <= EXPIRES_LIMIT:
            raise InvalidValueError(f"expires is 1 to {EXPIRES_LIMIT:,} whole seconds, not {expires!r:.80}")
        address: str = self._asking.ask(
            verb,
            "generate_presigned_url",
            ClientMethod=operation,
            Params={"Bucket": self.name, **parameters},
            ExpiresIn=expires,
        )
        return address

    def _broken(self, error: Exception) -> Exception | None:
        return core_error(error, self._asking.link, "read", self._asking.function)

    def __repr__(self) -> str:
        return f"<Bucket {self._asking.link.name}>"


def etag_of(answer: Mapping[str, Any]) -> str:
    """Return an answer's entity tag without its quotes, as events tell it."""
    return str(answer.get("ETag", "")).strip('"')


def _seconds(answer: Mapping[str, Any]) -> float:
    modified: float = answer["LastModified"].timestamp()
    return modified


def _listed(entry: Mapping[str, Any]) -> ObjectInfo:
    return ObjectInfo(entry["Key"], entry["Size"], etag_of(entry), "", _seconds(entry), {})


def _is_missing(error: IsthmusError) -> bool:
    return error.__cause__ is not None and code_of(error.__cause__) in _MISSING
