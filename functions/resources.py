"""The app's `Resource`, as type checkers see it; written by `isthmus types`, which writes it anew."""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take it for true; importing it from `typing` would cost a handler's start

if TYPE_CHECKING:
    from isthmus.ports import Bucket, Parameter, Secret, Stream, Table, Topic, Workflow
    from isthmus.resource import AppInfo

    class Resources:
        """What this app's functions may be linked to."""

        App: AppInfo
        Analytics: Stream
        Counters: Table
        Events: Topic
        Images: Bucket
        Orders: Table
        ProcessOrder: Workflow
        Reports: Table
        ShopName: Parameter
        Stock: Table
        WebhookKey: Secret
        Words: Table

    Resource: Resources
else:
    from isthmus.resource import Resource

__all__ = ["Resource"]
