from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from isthmus import resource
from isthmus.errors import NotLinkedError
from isthmus.links import Identity, Link
from isthmus.resource import Resource, Scope, activate, scope


class Client:
    made = 0

    def __init__(self, link: Link) -> None:
        self.link = link
        type(self).made += 1


def scope_of(function: str, *names: str, app: str = "shop") -> Scope:
    links = {name: Link("table", name, f"{function}-{name}", ("get",)) for name in names}
    return Scope(Identity(app=app, stage="dev", provider="local", function=function, links=links), {"table": Client})


@pytest.fixture(autouse=True)
def no_function() -> Iterator[None]:
    kept = resource._instance[:]  # pyright: ignore[reportPrivateUsage] - the process has one, and tests share the process
    resource._instance.clear()  # pyright: ignore[reportPrivateUsage]
    token = scope.set(None)
    Client.made = 0
    yield
    scope.reset(token)
    resource._instance[:] = kept  # pyright: ignore[reportPrivateUsage]


def test_a_linked_name_is_its_client_made_once() -> None:
    activate(scope_of("Create", "Orders"))

    assert Resource.Orders.link.physical == "Create-Orders"
    assert Resource.Orders is Resource.Orders
    assert Client.made == 1


def test_an_unlinked_name_tells_the_function_what_is_linked_and_the_line_to_add() -> None:
    activate(scope_of("Create", "Work", "Orders"))

    with pytest.raises(NotLinkedError) as caught:
        _ = Resource.Invoices
    message = str(caught.value)
    assert "function 'Create' is not linked to 'Invoices'" in message
    assert "(linked: Orders, Work)" in message
    assert "infra/app.py: link=[invoices]" in message
    assert (caught.value.name, caught.value.function) == ("Invoices", "Create")
    assert caught.value.__suppress_context__  # a traceback with how it was looked up would bury the line to add


def test_asking_whether_something_is_linked_is_no_error() -> None:
    activate(scope_of("Create"))

    assert not hasattr(Resource, "Invoices")
    assert getattr(Resource, "Invoices", None) is None


def test_outside_of_a_function_nothing_is_linked() -> None:
    with pytest.raises(NotLinkedError, match=r"outside of a function.*linked: nothing"):
        _ = Resource.Orders


def test_the_app_is_always_there() -> None:
    activate(scope_of("Create", app="store"))

    assert (Resource.App.name, Resource.App.stage, Resource.App.provider) == ("store", "dev", "local")


def test_the_scope_of_an_invocation_beats_that_of_the_process() -> None:
    activate(scope_of("Process", "Orders"))
    token = scope.set(scope_of("Invocation", "Orders"))
    inside = Resource.Orders.link.physical
    scope.reset(token)

    assert inside == "Invocation-Orders"
    assert Resource.Orders.link.physical == "Process-Orders"


def test_a_second_activation_replaces_the_first() -> None:
    activate(scope_of("First", "Orders"))
    activate(scope_of("Second", "Orders"))

    assert Resource.Orders.link.physical == "Second-Orders"


def test_fifty_threads_make_one_client() -> None:
    activate(scope_of("Create", "Orders"))
    barrier = threading.Barrier(50, timeout=20)
    seen: list[object] = []

    def use() -> None:
        barrier.wait()
        seen.append(Resource.Orders)

    threads = [threading.Thread(target=use) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Client.made == 1
    assert len(seen) == 50
    assert len(set(map(id, seen))) == 1


def test_a_client_whose_making_fails_is_tried_again() -> None:
    tries: list[Link] = []

    def flaky(link: Link) -> str:
        tries.append(link)
        if len(tries) == 1:
            raise OSError("not yet")
        return "client"

    link = Link("table", "Orders", "o", ("get",))
    activate(Scope(Identity(app="a", stage="s", provider="p", function="F", links={"Orders": link}), {"table": flaky}))

    with pytest.raises(OSError, match="not yet"):
        _ = Resource.Orders
    assert Resource.Orders == "client"
