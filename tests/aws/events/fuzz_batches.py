"""A long run by hand, with coverage as the guide: `python -m tests.aws.events.fuzz_batches -max_total_time=120`.

It needs atheris (`pip install atheris`), which the project does not. Options are those of libFuzzer.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any


def main() -> None:
    """Fuzz until libFuzzer has had enough."""
    try:
        atheris: Any = importlib.import_module("atheris")
    except ImportError:
        sys.exit("atheris is not installed: pip install atheris")
    with atheris.instrument_imports(include=["isthmus_aws.events", "isthmus_aws.attribute_values", "isthmus_aws.wire"]):
        from tests.aws.events.fuzzing import check, mutated, seeds
    known = seeds()

    def one(data: bytes) -> None:
        provider = atheris.FuzzedDataProvider(data)
        document = known[provider.ConsumeIntInRange(0, len(known) - 1)]
        for _ in range(provider.ConsumeIntInRange(1, 4)):
            try:
                replacement = json.loads(provider.ConsumeUnicode(40))
            except (ValueError, RecursionError):
                replacement = provider.ConsumeUnicode(20)
            if not document:
                break
            document = mutated(document, lambda count: provider.ConsumeIntInRange(0, count - 1), replacement)
        check(document)

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
