from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.links import FILE, Identity, Link, decode, encode, read
from isthmus.sources import Source

ORDERS = Link("table", "Orders", "shop-dev-orders-1a2b", ("get", "put"), {"key": ["id"]})


def identity(**links: Link) -> Identity:
    return Identity(
        app="shop",
        stage="dev",
        provider="local",
        function="Create",
        handler="functions.orders.create",
        timeout=12.5,
        triggers=("http", "queue"),
        sources={"shop-dev-work-1a2b": Source("queue", "Work", "shop-dev-dead-1a2b", 5)},
        links=links,
    )


def test_an_identity_comes_back_as_it_was() -> None:
    back = decode(encode(identity(Orders=ORDERS, Work=Link("queue", "Work", "q", ("send",)))))

    assert (back.app, back.stage, back.provider, back.function) == ("shop", "dev", "local", "Create")
    assert (back.handler, back.timeout, back.triggers) == ("functions.orders.create", 12.5, ("http", "queue"))
    assert {name: source.row() for name, source in back.sources.items()} == {
        "shop-dev-work-1a2b": ["queue", "Work", "shop-dev-dead-1a2b", 5]
    }
    orders, work = back.links["Orders"], back.links["Work"]
    assert (orders.kind, orders.name, orders.physical) == ("table", "Orders", "shop-dev-orders-1a2b")
    assert (orders.verbs, orders.properties) == (("get", "put"), {"key": ["id"]})
    assert (work.verbs, work.properties) == (("send",), {})
    assert repr(orders) == "<Link table Orders (get, put)>"


def test_it_travels_as_compact_json() -> None:
    text = encode(identity(Orders=ORDERS))

    assert ": " not in text
    assert json.loads(text)["links"] == {"Orders": ["table", "shop-dev-orders-1a2b", ["get", "put"], {"key": ["id"]}]}


@given(name=st.text(), physical=st.text(), verbs=st.lists(st.text()), properties=st.dictionaries(st.text(), st.text()))
def test_no_name_breaks_the_document(name: str, physical: str, verbs: list[str], properties: dict[str, str]) -> None:
    link = decode(encode(identity(X=Link("table", name, physical, tuple(verbs), properties)))).links[name]

    assert (link.name, link.physical, link.verbs, link.properties) == (name, physical, tuple(verbs), properties)


def test_an_identity_is_read_from_the_variable_itself() -> None:
    assert read(encode(identity(Orders=ORDERS)), "/nowhere").links["Orders"].physical == ORDERS.physical


def test_or_from_the_file_that_the_variable_names(tmp_path: Path) -> None:
    umlaut = Link("linkable", "Späti", "", (), {"name": "ü\u2028"})
    (tmp_path / FILE).write_text(encode(identity(Orders=ORDERS, Späti=umlaut)), encoding="utf-8")

    back = read(FILE, str(tmp_path))

    assert (back.links["Orders"].physical, back.links["Späti"].properties) == (ORDERS.physical, {"name": "ü\u2028"})


def test_a_bundle_without_the_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="deploy the app again, code and variables together") as caught:
        read(FILE, str(tmp_path))

    assert f"{FILE} of the bundle" in str(caught.value)


@pytest.mark.parametrize("text", ["", "other.identity", f"../{FILE}", f"./{FILE}", f"{FILE}\n"])
def test_no_other_file_is_read_whatever_the_variable_says(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(encode(identity()))
    (tmp_path / "other.identity").write_text(encode(identity()))

    with pytest.raises(ValueError, match="Expecting value"):
        read(text, str(tmp_path))
