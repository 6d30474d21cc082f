"""The query languages of the project, each loaded when a state is written in it."""

from __future__ import annotations

from isthmus.workflows.dataflow import Dataflow
from isthmus.workflows.definition import QueryLanguage


def language(name: QueryLanguage) -> Dataflow:
    """Return the dataflow of a query language."""
    if name == "JSONata":
        from isthmus.workflows.jsonata.dataflow import JSONATA

        return JSONATA
    from isthmus.workflows.json_path.dataflow import JSON_PATH

    return JSON_PATH
