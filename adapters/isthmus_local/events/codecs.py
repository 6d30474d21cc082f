"""The codec of each trigger kind."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus_local.events.change import ChangeCodec
from isthmus_local.events.http import HttpCodec
from isthmus_local.events.message import MessageCodec
from isthmus_local.events.object import ObjectCodec
from isthmus_local.events.task import TaskCodec
from isthmus_local.events.tick import TickCodec

TYPE_CHECKING = False
if TYPE_CHECKING:  # a worker does not pay for the ports
    from isthmus.ports import Codec

codecs: Mapping[str, Codec[Any]] = {
    "http": HttpCodec(),
    "queue": MessageCodec(),
    "topic": MessageCodec(),
    "stream": MessageCodec(),
    "table": ChangeCodec(),
    "bucket": ObjectCodec(),
    "schedule": TickCodec(),
    "task": TaskCodec(),
}
"""Trigger kind to codec: `provider.codecs`."""
