"""The upload of an object: in one call, or in parts where it is large, with at most two of them in memory."""

from __future__ import annotations

import time

from isthmus._typing import Any, Iterable, Iterator, Mapping
from isthmus.errors import ConditionFailedError, IsthmusError
from isthmus_aws.clients.asking import Asking
from isthmus_aws.clients.errors import code_of

PART = 8 * 1024 * 1024
"""The bytes of a part, and of the largest object that goes in one call. Every 1,000 parts grow by as much again."""

CHUNK = 1024 * 1024
"""How much is read of a file at a time."""

ATTEMPTS = 4
"""How often a put is tried that another request to the same key disturbs."""


class Upload:
    """One object on its way to S3: `where` is its bucket and key, `stored` what is kept with it.

    After `write`: its `size`, its `etag`, and when it was `modified`.
    """

    __slots__ = ("_asking", "_if_absent", "_stored", "_where", "etag", "modified", "size")

    def __init__(self, asking: Asking, where: Mapping[str, str], stored: Mapping[str, Any], *, if_absent: bool) -> None:
        self._asking = asking
        self._where = where
        self._stored = stored
        self._if_absent: Mapping[str, str] = {"IfNoneMatch": "*"} if if_absent else {}
        self.etag = ""
        self.modified = 0.0
        self.size = 0

    def write(self, chunks: Iterable[bytes | bytearray | memoryview]) -> None:
        """Send the object that `chunks` make; where anything fails, nothing of it stays."""
        parts = _parts(chunks)
        first, is_last = next(parts)
        if is_last:
            answer = self._whole(first)
        else:
            begun = self._ask("create_multipart_upload", **self._stored)["UploadId"]
            try:
                sent = [self._part(begun, 1, first)]
                del first  # a part less in memory
                answer = self._rest(begun, sent, parts)
            except BaseException:
                self._abort(begun)
                raise
        self.etag = str(answer.get("ETag", "")).strip('"')
        self.modified = _sent_at(answer)

    def _whole(self, data: bytearray) -> Any:
        self.size = len(data)
        for attempt in range(ATTEMPTS):
            try:
                return self._ask("put_object", Body=data, **self._stored, **self._if_absent)
            except ConditionFailedError as error:
                # Another request to the key was under way: AWS says to put again, and then the condition decides.
                # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
                if attempt == ATTEMPTS - 1 or code_of(error.__cause__ or error) != "ConditionalRequestConflict":
                    raise
                time.sleep(0.05 * 2**attempt)
        raise AssertionError

    def _rest(self, begun: str, sent: list[dict[str, Any]], parts: Iterator[tuple[bytearray, bool]]) -> Any:
        for data, _ in parts:
            sent.append(self._part(begun, len(sent) + 1, data))
        return self._ask(
            "complete_multipart_upload", UploadId=begun, MultipartUpload={"Parts": sent}, **self._if_absent
        )

    def _part(self, begun: str, number: int, data: bytearray) -> dict[str, Any]:
        self.size += len(data)
        answer = self._ask("upload_part", UploadId=begun, PartNumber=number, Body=data)
        return {"PartNumber": number, "ETag": answer["ETag"]}

    def _abort(self, begun: str) -> None:
        try:
            self._ask("abort_multipart_upload", UploadId=begun)
        except IsthmusError as error:
            import logging

            logging.getLogger("isthmus").warning(
                "an upload to %s could not be aborted: its parts are kept until a lifecycle rule ends it: %s",
                self._asking.link.name,
                error,
            )

    def _ask(self, operation: str, **parameters: Any) -> Any:
        return self._asking.ask("write", operation, **self._where, **parameters)


def _parts(chunks: Iterable[bytes | bytearray | memoryview]) -> Iterator[tuple[bytearray, bool]]:
    """Yield the bytes of `chunks` in parts of the size that their number has, each with whether it is the last."""
    number, part = 1, bytearray()
    for chunk in chunks:
        rest = memoryview(chunk).cast("B")
        while rest:
            if len(part) == _size(number):
                yield part, False
                number, part = number + 1, bytearray()
            room = _size(number) - len(part)
            part += rest[:room]
            rest = rest[room:]
    yield part, True


def _size(number: int) -> int:
    """Return the size of part `number`: S3 takes 10,000 of them, and nobody knows how long a file is.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
    """
    return PART * (1 + (number - 1) // 1000)


def _sent_at(answer: Mapping[str, Any]) -> float:
    """Return when S3 answered, in epoch seconds: a put is not told its time of modification."""
    from email.utils import parsedate_to_datetime

    try:
        date = answer["ResponseMetadata"]["HTTPHeaders"]["date"]
        return parsedate_to_datetime(date).timestamp()
    except (KeyError, ValueError):
        return time.time()
