from __future__ import annotations

import copy

import pytest

from isthmus import ports
from isthmus.linked_values import LinkableClient, ParameterClient
from isthmus.links import Link


def test_a_parameter_has_the_value_of_its_link() -> None:
    client: ports.Parameter = ParameterClient(Link("parameter", "Limit", "limit", ("read",), {"value": "7"}))

    assert client.value() == "7"
    assert (client.name, repr(client)) == ("limit", "<Parameter limit>")


@pytest.fixture
def search() -> LinkableClient:
    return LinkableClient(Link("linkable", "Search", "search", ("read",), {"url": "http://x", "port": 9200}))


def test_the_properties_of_a_linkable_are_attributes(search: LinkableClient) -> None:
    assert (search.url, search.port) == ("http://x", 9200)
    assert (search.name, repr(search)) == ("search", "<Linkable Search>")


def test_a_property_called_name_goes_first() -> None:
    assert LinkableClient(Link("linkable", "Search", "search", ("read",), {"name": "mine"})).name == "mine"


def test_an_unknown_property_is_told_with_the_known_ones(search: LinkableClient) -> None:
    with pytest.raises(AttributeError, match=r"'Search' has no property 'host' \(properties: port, url\)"):
        search.host  # noqa: B018  # pyright: ignore[reportUnusedExpression]
    with pytest.raises(AttributeError, match="none"):
        LinkableClient(Link("linkable", "Empty", "", ("read",))).host  # noqa: B018  # pyright: ignore[reportUnusedExpression]


def test_a_linkable_can_be_copied(search: LinkableClient) -> None:
    assert copy.copy(search).url == "http://x"
