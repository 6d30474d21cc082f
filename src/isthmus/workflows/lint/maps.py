"""What a Map has besides its machine: where its items come from, how they are batched, where the results go."""

from __future__ import annotations

import re
from typing import Any

from isthmus.shapes import is_list, is_mapping, shown
from isthmus.workflows.lint.forms import Form
from isthmus.workflows.lint.paths import reference, template
from isthmus.workflows.lint.spot import Spot
from isthmus.workflows.lint.values import computed, kind, one_of, text, texts, whole

LARGEST_BATCH = 262_144
"""The most bytes of one batch of items: what a state's input may have."""

_LABEL = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,40}")

_READER_CONFIG = Form(
    what="ReaderConfig",
    fields={
        "InputType": one_of("CSV", "JSON", "JSONL", "MANIFEST", "PARQUET"),
        "Transformation": one_of("NONE", "LOAD_AND_FLATTEN"),
        "ManifestType": text,
        "CSVDelimiter": one_of("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"),
        "CSVHeaderLocation": one_of("FIRST_ROW", "GIVEN"),
        "CSVHeaders": texts,
        "MaxItems": computed(whole(0, 100_000_000)),
        "ItemsPointer": text,
    },
    json_path={"MaxItemsPath": reference},
    at_most=(("MaxItems", "MaxItemsPath"),),
)

_WRITER_CONFIG = Form(
    what="WriterConfig",
    fields={
        "Transformation": one_of("NONE", "COMPACT", "FLATTEN"),
        "OutputType": one_of("JSON", "JSONL"),
    },
)


def reader_config(spot: Spot, value: Any) -> None:
    """Tell what is wrong with how an `ItemReader` reads."""
    fields = _READER_CONFIG.check(spot, value)
    if fields.get("CSVHeaderLocation") == "GIVEN" and "CSVHeaders" not in fields:
        spot.wrong("'CSVHeaderLocation' is GIVEN, so ReaderConfig needs 'CSVHeaders'")


def writer_config(spot: Spot, value: Any) -> None:
    """Tell what is wrong with how a `ResultWriter` writes."""
    _WRITER_CONFIG.check(spot, value)


_READER = Form(
    what="ItemReader",
    fields={"Resource": text, "ReaderConfig": reader_config, "Comment": text},
    json_path={"Parameters": template},
    jsonata={"Arguments": template},
    required=("Resource",),
)

_WRITER = Form(
    what="ResultWriter",
    fields={"Resource": text, "WriterConfig": writer_config, "Comment": text},
    json_path={"Parameters": template},
    jsonata={"Arguments": template},
)

_BATCHER = Form(
    what="ItemBatcher",
    fields={
        "BatchInput": template,
        "MaxItemsPerBatch": computed(whole(1)),
        "MaxInputBytesPerBatch": computed(whole(1, LARGEST_BATCH)),
        "Comment": text,
    },
    json_path={"MaxItemsPerBatchPath": reference, "MaxInputBytesPerBatchPath": reference},
    at_most=(
        ("MaxItemsPerBatch", "MaxItemsPerBatchPath"),
        ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"),
    ),
)

_BATCH_SIZES = ("MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath")

_PROCESSOR_CONFIG = Form(
    what="ProcessorConfig",
    fields={"Mode": one_of("INLINE", "DISTRIBUTED"), "ExecutionType": one_of("STANDARD", "EXPRESS"), "Comment": text},
)


def reader(spot: Spot, value: Any) -> None:
    """Tell what is wrong with an `ItemReader`."""
    _READER.check(spot, value)


def writer(spot: Spot, value: Any) -> None:
    """Tell what is wrong with a `ResultWriter`."""
    _WRITER.check(spot, value)


def batcher(spot: Spot, value: Any) -> None:
    """Tell what is wrong with an `ItemBatcher`."""
    fields = _BATCHER.check(spot, value)
    if is_mapping(value) and not any(name in fields or name in value for name in _BATCH_SIZES):
        spot.wrong("ItemBatcher needs 'MaxItemsPerBatch' or 'MaxInputBytesPerBatch', or both")


def processor_config(spot: Spot, value: Any) -> None:
    """Tell what is wrong with a `ProcessorConfig`."""
    fields = _PROCESSOR_CONFIG.check(spot, value)
    if fields.get("Mode") == "DISTRIBUTED" and "ExecutionType" not in fields:
        spot.wrong("'Mode' is DISTRIBUTED, so ProcessorConfig needs 'ExecutionType', STANDARD or EXPRESS")


def items(spot: Spot, value: Any) -> None:
    """Tell of what is neither an array, an object, nor an expression that comes to one."""
    if is_list(value) or is_mapping(value):
        template(spot, value)
    else:
        computed(_no_items)(spot, value)


def label(spot: Spot, value: Any) -> None:
    """Tell of what cannot be part of the name of an execution."""
    if not isinstance(value, str) or not _LABEL.fullmatch(value):
        said = shown(value) if isinstance(value, str) else kind(value)
        spot.wrong(f"must be text of 1 to 40 characters without spaces and special ones, not {said}")


def _no_items(spot: Spot, value: Any) -> None:
    spot.wrong(f"must be an array, an object or an expression, {{% … %}}, not {kind(value)}")
