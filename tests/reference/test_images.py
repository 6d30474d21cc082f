"""Pictures as a client sees them."""

from __future__ import annotations

import hashlib

import pytest

from functions.pictures import PNG
from isthmus.testing import TestApp
from tests.reference.test_pictures import DATA, END, HEADER, chunk

PICTURE = PNG + HEADER + chunk(b"tEXt", b"Author\0Ada") + DATA + END
STRIPPED = PNG + HEADER + DATA + END


def upload(app: TestApp, name: str, body: bytes) -> None:
    assert app.post(f"/images/{name}", body=body, headers={"content-type": "image/png"}).status == 201


def test_an_uploaded_picture_appears_without_its_metadata_under_processed(app: TestApp) -> None:
    upload(app, "pets/cat.png", PICTURE)

    app.wait_until(lambda: app.get("/images/processed/pets/cat.png").status == 200)

    response = app.get("/images/processed/pets/cat.png")
    assert response.body == STRIPPED
    assert response.content_type == "image/png"
    assert response.headers["x-checksum-sha256"] == hashlib.sha256(STRIPPED).hexdigest()
    assert app.get("/images/pets/cat.png").body == PICTURE


def test_a_processed_picture_is_not_processed_again(app: TestApp) -> None:
    upload(app, "cat.png", PICTURE)
    app.wait_until(lambda: app.get("/images/processed/cat.png").status == 200)
    app.settle()

    keys = [info.key for info in app.resource("Images").list()]

    assert keys == ["cat.png", "processed/cat.png"]


def test_a_picture_that_is_cut_short_is_kept_as_it_is_and_says_so(app: TestApp) -> None:
    upload(app, "cat.png", PICTURE[:-3])
    app.wait_until(lambda: app.get("/images/processed/cat.png").status == 200)

    info = app.resource("Images").head("processed/cat.png")

    assert info.metadata["metadata"] == "kept: the PNG is cut short"
    assert app.get("/images/processed/cat.png").body == PICTURE[:-3]


def test_nobody_uploads_into_the_processed_pictures(app: TestApp) -> None:
    assert app.post("/images/processed/cat.png", body=PICTURE).status == 400


@pytest.mark.parametrize("name", ["nothing.png", "processed/nothing.png"])
def test_an_unknown_picture_is_not_found(app: TestApp, name: str) -> None:
    assert app.get(f"/images/{name}").status == 404
