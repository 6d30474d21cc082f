"""What the tests need of botocore, which has no types of its own."""

from __future__ import annotations

from importlib import import_module
from typing import Any

ANY: Any = import_module("botocore.stub").ANY
Stubber: Any = import_module("botocore.stub").Stubber
StreamingBody: Any = import_module("botocore.response").StreamingBody
ClientError: type[Exception] = import_module("botocore.exceptions").ClientError
