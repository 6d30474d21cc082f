"""Query languages: that of a machine or a state, as it says or as what is around it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isthmus.workflows.lint.spot import Spot
from isthmus.workflows.lint.values import one_of

_named = one_of("JSONPath", "JSONata")


def settled(spot: Spot, value: Mapping[Any, Any]) -> Spot:
    """Return the spot in the query language that the machine or state at it has, and tell of one it cannot have."""
    if "QueryLanguage" not in value:
        return spot
    said, here = value["QueryLanguage"], spot.at("QueryLanguage")
    _named(here, said)
    if said == "JSONPath" and spot.language == "JSONata":
        here.wrong("what is around this is in JSONata, so this cannot be in JSONPath; the other way round it could")
    return spot.speaking(said) if said in ("JSONPath", "JSONata") else spot
