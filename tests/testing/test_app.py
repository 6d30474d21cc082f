"""`TestApp`: an app as its users see it, over any provider's testbed."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest

import isthmus.testing
from isthmus import App, HttpRequest, HttpResponse, Target
from isthmus.errors import InvocationFailedError, IsthmusError
from isthmus.testing import Faults, TestApp
from isthmus_local.testbed import testbed as run

HERE = "tests.testing.test_app"


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse.json({"method": request.method, "body": request.text(), "query": request.query.items()})


def declared(target: Target) -> App:
    app = App("methods", removal="remove")
    api = app.api("Api")
    api.route("ANY /echo", f"{HERE}.echo")
    return app


@pytest.fixture
def app() -> Iterator[TestApp]:
    running = TestApp(run(declared, faults=Faults().calm()))
    yield running
    running.close()


class Foreign:
    """A testbed that shows no more than the port."""

    def resource(self, name: str) -> str:
        return name


def test_each_method_has_its_verb(app: TestApp) -> None:
    for verb in (app.get, app.post, app.put, app.patch, app.delete):
        assert verb("/echo").json()["method"] == verb.__name__.upper()
    assert app.head("/echo").body == b""
    assert app.options("/echo").status in (200, 204)


def test_a_query_may_stand_in_the_path_and_beside_it(app: TestApp) -> None:
    response = app.get("/echo?a=1", query={"b": ["2", "é"]})

    assert response.json()["query"] == [["a", "1"], ["b", "2"], ["b", "é"]]


def test_two_bodies_are_one_too_many(app: TestApp) -> None:
    with pytest.raises(TypeError, match="json and form"):
        app.post("/echo", json={}, form={})


def test_what_only_a_testbed_of_this_process_shows_is_refused_elsewhere() -> None:
    app = TestApp(Foreign())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    assert app.resource("Rows") == "Rows"
    for ask in (lambda: app.dead_letters("Work"), lambda: app.advance(1), lambda: app.logs, app.settle):
        with pytest.raises(IsthmusError, match="Foreign cannot"):
            ask()
    with pytest.raises(AssertionError, match="nothing failed"):
        app.wait_until(lambda: False, timeout=0)


def test_a_presigned_address_works_in_an_app_without_an_api() -> None:
    def files(target: Target) -> App:
        app = App("files", removal="remove")
        app.bucket("Files")
        return app

    app = TestApp(run(files))
    app.put_object("Files", "a b", b"body")
    with urllib.request.urlopen(app.resource("Files").presign_get("a b")) as response:
        assert response.read() == b"body"
    with pytest.raises(LookupError, match="none"):
        app.get("/")
    app.close()


def test_a_handler_that_does_not_load_is_planned_for_and_not_run() -> None:
    def broken(target: Target) -> App:
        app = App("broken", removal="remove")
        app.function("Gone", f"{HERE}.no_such_handler")
        return app

    with pytest.raises(IsthmusError, match="no_such_handler"):
        run(broken)


def test_a_call_of_a_function_that_fails_names_the_error(app: TestApp) -> None:
    with pytest.raises(InvocationFailedError, match=r"TypeError|AttributeError"):
        app.invoke("TestAppEcho", {})


def test_every_public_name_is_there_and_an_unknown_one_is_told() -> None:
    for name in isthmus.testing.__all__:
        assert getattr(isthmus.testing, name)
    assert set(isthmus.testing.__all__) <= set(dir(isthmus.testing))
    with pytest.raises(AttributeError, match="Nonsense"):
        print(isthmus.testing.Nonsense)  # pyright: ignore[reportAttributeAccessIssue]
