"""What a Task calls: its `Resource`, resolved to something that the app declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Pattern = Literal["", "sync", "callback"]
"""How a Task waits: for the answer, for what was started to end, or for a token to be completed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a state's `Resource` asks for.

    `kind` is that of what is called: "function", "queue", "topic", "workflow", "table", "bucket", "http", "activity".
    `name` is what the document calls it: a declared name or handler path; "" where the state's arguments name it, as
    they do for an integration (`integrated`), under `naming` ("FunctionName", "QueueUrl", "Parameters.TableName"…).
    `action` is what is done to it: "invoke", "send", "publish", "start", "request", or the integration's own
    ("getItem"). An integration takes and returns what the States Language's services do; any other task takes the
    state's arguments as its payload, and returns what it comes to. An integration's `form` is "sdk" where arguments and
    result are those of the service's plain API, and "json" where the output of a workflow comes back as JSON, not text.
    """

    kind: str
    action: str
    name: str = ""
    pattern: Pattern = ""
    integrated: bool = False
    naming: str = ""
    form: Literal["", "sdk", "json"] = ""
