"""What Lambda calls, `handle`, ready as soon as this module is imported: see `BOOTSTRAP` in `bundles`."""

from __future__ import annotations

from isthmus_aws.function import start

handle = start()
