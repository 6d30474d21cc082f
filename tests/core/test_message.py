from __future__ import annotations

import pytest

from isthmus.errors import BadEventError
from isthmus.message import Message


def test_a_body_is_read_as_text_and_as_json() -> None:
    message = Message('{"name":"é"}'.encode())

    assert message.text() == '{"name":"é"}'
    assert message.json() == {"name": "é"}


def test_a_body_that_is_no_text_names_the_message_and_its_source() -> None:
    with pytest.raises(BadEventError, match="message m-1 of Work is not UTF-8"):
        Message(b"\xff", id="m-1", source="Work").text()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"nope"])
def test_a_body_that_is_no_json_names_the_message_and_its_source(body: bytes) -> None:
    with pytest.raises(BadEventError, match="message m-1 of Work is not JSON"):
        Message(body, id="m-1", source="Work").json()


def test_a_message_is_shown_without_what_it_says() -> None:
    message = Message(b"secret", id="m-1", source="Work", attempt=2)

    assert repr(message) == "<Message m-1 of Work, 6 bytes, attempt 2>"
    assert message.attributes == {}


def test_a_body_that_an_adapter_has_left_out_is_read_once() -> None:
    class Lazy(Message):
        __slots__ = ("times",)
        times: int

        def _read_body(self) -> bytes:
            self.times += 1
            return b'{"a": 1}'

    message = Lazy(None)
    message.times = 0

    assert (message.body, message.text(), message.json()) == (b'{"a": 1}', '{"a": 1}', {"a": 1})
    assert message.times == 1


def test_a_body_can_be_replaced_by_middleware() -> None:
    message = Message(b"secret")
    message.body = b'{"a": 1}'

    assert (message.text(), message.json()) == ('{"a": 1}', {"a": 1})
