"""Events that others have collected: each that is of a kind of Isthmus is read, and its answer is made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus.serve import Malformed
from isthmus_aws.events.batch import batch_of
from isthmus_aws.events.codecs import codecs
from tests.aws.events.recorded import function
from tests.corpus.events import SERVICES
from tests.corpus.labels import whole, why_not

OUTSIDE = Path(__file__).parent.parent.parent.parent.parent / "shared" / "corpus"


def cases() -> Iterator[Any]:
    """Yield the kind and the event of each file that Lambda would send to a function of Isthmus, but HTTP's."""
    index = OUTSIDE / "events.jsonl"
    for line in index.read_text().splitlines() if index.exists() else ():
        row = json.loads(line)
        provider, kind = SERVICES.get(row["service"], ("", ""))
        if provider == "aws" and kind != "http":
            sent = whole(row["service"], json.loads((OUTSIDE / row["path"]).read_bytes()))
            if not why_not(row["service"], sent) and not _is_of_several_places(sent):
                yield pytest.param(kind, sent, id=row["path"])


def _is_of_several_places(sent: Any) -> bool:
    """Tell whether an example's records name several streams, which no mapping of Lambda's ever does."""
    return len({row.get("eventSourceARN") for row in sent.get("Records", ())}) > 1


@pytest.mark.skipif(not OUTSIDE.is_dir(), reason="outside data: ../shared/corpus is not there")
@pytest.mark.parametrize(("kind", "sent"), list(cases()))
def test_an_event_is_read_as_a_batch_and_answered(kind: str, sent: Any) -> None:
    batch = batch_of(sent, function(kind, sources={}))

    found = [entry for record in batch.records for entry in record.events]
    assert found
    assert not [entry.error for entry in found if isinstance(entry, Malformed)]
    ids = [record.id for record in batch.records]
    assert codecs[kind].encode(ids) == {"batchItemFailures": [{"itemIdentifier": id} for id in ids]}
