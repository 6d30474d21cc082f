from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import BadRequestError, PayloadTooLargeError, UnsupportedMediaTypeError
from isthmus.http.form import Form
from isthmus.http.request import HttpRequest

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=xyz"


def form(body: bytes, content_type: str = MULTIPART) -> Form:
    return HttpRequest("POST", "/", headers={"content-type": content_type}, body=body).form()


def part(disposition: str, content: bytes = b"", *more: str) -> bytes:
    lines = [f"Content-Disposition: {disposition}", *more]
    return b"--xyz\r\n" + "\r\n".join(lines).encode() + b"\r\n\r\n" + content + b"\r\n"


def test_an_urlencoded_form_has_fields_and_no_files() -> None:
    fields = form(b"name=J%C3%B6rg+M&tag=a&tag=b&empty=", f"{URLENCODED}; charset=utf-8")

    assert fields["name"] == "Jörg M"
    assert fields.get_all("tag") == ["a", "b"]
    assert fields["empty"] == ""
    assert fields.files == []
    assert fields.file("name") is None


def test_a_multipart_form_has_fields_and_files() -> None:
    body = (
        part('form-data; name="title"', "Grüße".encode())
        + part('form-data; name="tag"', b"a")
        + part('form-data; name="tag"', b"b")
        + part('form-data; name="picture"; filename="cat.png"', b"\x89PNG\r\n\x00", "content-type: image/png")
        + part("form-data; name=latin", b"\xe9", "Content-Type: text/plain; charset=latin-1")
        + b"--xyz--\r\nepilogue"
    )
    fields = form(b"preamble\r\n" + body)

    assert fields.items() == [("title", "Grüße"), ("tag", "a"), ("tag", "b"), ("latin", "é")]
    picture = fields.file("picture")
    assert picture is not None
    assert (picture.name, picture.filename, picture.content_type) == ("picture", "cat.png", "image/png")
    assert picture.body == b"\x89PNG\r\n\x00"
    assert repr(picture) == "<FormFile picture 'cat.png', 7 bytes>"


def test_several_files_of_one_field_are_kept_in_order() -> None:
    body = (
        part('form-data; name="f"; filename="1"', b"a") + part('form-data; name="f"; filename="2"', b"b") + b"--xyz--"
    )

    assert [(file.filename, file.body) for file in form(body).files] == [("1", b"a"), ("2", b"b")]


def test_a_file_that_nobody_chose_is_none() -> None:
    body = part('form-data; name="f"; filename=""', b"", "Content-Type: application/octet-stream") + b"--xyz--"

    assert form(body).files == []


@pytest.mark.parametrize(
    ("given_name", "filename"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\cat.png", "cat.png"),
        ("..", ""),
        (".", ""),
        ("a/..", ""),
        ("%22quoted%22.txt", '"quoted".txt'),
        ('\\"quoted\\".txt', '"quoted".txt'),
        ("größe.txt", "größe.txt"),
        ("a;b.txt", "a;b.txt"),
    ],
)
def test_a_filename_never_leads_into_another_folder(given_name: str, filename: str) -> None:
    body = part(f'form-data; name="f"; filename="{given_name}"', b"x") + b"--xyz--"

    assert [file.filename for file in form(body).files] == [filename]


def test_a_boundary_may_be_followed_by_spaces_and_the_content_be_empty() -> None:
    body = b'--xyz  \r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--xyz--'

    assert form(body).items() == [("a", "")]


def test_a_form_without_parts_is_empty() -> None:
    assert form(b"--xyz--\r\n").items() == []


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/mixed; boundary=xyz", "text/plain"])
def test_a_form_of_another_content_type_is_a_415(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError, match="a form was expected"):
        form(b"a=b", content_type)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "ends before its last boundary"),
        (b"no boundary at all", "ends before its last boundary"),
        (part('form-data; name="a"', b"b"), "ends before its last boundary"),
        (part('form-data; name="a"', b"b") + b"--xy", "ends before its last boundary"),
        (b"--xyz\r\nno header\r\n--xyz--", "no header"),
        (b"--xyzzy\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--xyz--", "no header"),
        (b"--xyz\r\n\r\nb\r\n--xyz--", "which field"),
        (part("form-data") + b"--xyz--", "which field"),
        (part('attachment; name="a"') + b"--xyz--", "which field"),
        (b"--xyz\r\nContent-Disposition: form-data; name=\xff\r\n\r\n\r\n--xyz--", "not UTF-8"),
        (part('form-data; name="a"', b"\xff") + b"--xyz--", "not utf-8"),
        (part('form-data; name="a"', b"", "X: " + "y" * 9000) + b"--xyz--", "header of more than 8,192 bytes"),
    ],
)
def test_a_malformed_multipart_form_is_a_400(body: bytes, why: str) -> None:
    with pytest.raises(BadRequestError, match=why):
        form(body)


@pytest.mark.parametrize("boundary", ["", '""', "x" * 71, '"\u00e9"', "; charset=utf-8"])
def test_a_boundary_that_is_missing_or_impossible_is_a_400(boundary: str) -> None:
    with pytest.raises(BadRequestError, match="boundary"):
        form(b"--xyz--", f"multipart/form-data; boundary={boundary}")


def test_an_urlencoded_form_that_is_not_utf_8_is_a_400() -> None:
    with pytest.raises(BadRequestError, match="not UTF-8"):
        form(b"a=\xff", URLENCODED)


def test_a_form_of_a_thousand_parts_is_read_and_of_one_more_a_413() -> None:
    thousand = part('form-data; name="a"', b"b") * 1000

    assert len(form(thousand + b"--xyz--").get_all("a")) == 1000
    with pytest.raises(PayloadTooLargeError, match="1,000 parts"):
        form(thousand + part('form-data; name="a"') + b"--xyz--")
    with pytest.raises(PayloadTooLargeError, match="1,000 parts"):
        form(thousand * 20 + b"--xyz--")


def test_an_urlencoded_form_of_a_thousand_fields_is_read_and_of_one_more_a_413() -> None:
    assert len(form(b"&".join([b"a=b"] * 1000), URLENCODED).get_all("a")) == 1000
    with pytest.raises(PayloadTooLargeError, match="1,000 fields"):
        form(b"&".join([b"a=b"] * 1001), URLENCODED)


@given(
    st.lists(st.sampled_from([b"--xyz", b"--xyz--", b"\r\n", b"Content-Disposition: form-data; name=a", b"x", b"\xff"]))
)
def test_whatever_a_multipart_body_holds_reading_it_ends_in_a_form_or_a_400(pieces: list[bytes]) -> None:
    try:
        fields = form(b"".join(pieces))
    except BadRequestError:
        return

    assert set(fields) <= {"a"}


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.binary(min_size=1))))
def test_files_come_back_byte_for_byte(files: list[tuple[str, bytes]]) -> None:
    if any(b"--xyz" in content for _, content in files):
        return
    body = b"".join(part(f'form-data; name="{name}"; filename="f"', content) for name, content in files) + b"--xyz--"

    assert [(file.name, file.body) for file in form(body).files] == files


@given(st.binary(), st.text())
def test_whatever_is_sent_as_a_form_never_fails_in_another_way(body: bytes, boundary: str) -> None:
    for content_type in (URLENCODED, f"multipart/form-data; boundary={boundary}"):
        try:
            fields = form(body, content_type)
        except BadRequestError:
            continue
        assert isinstance(fields, Form)
