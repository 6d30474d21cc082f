"""A subscription: it belongs to its source, whose component makes what delivers to queues and functions.

A queue, a stream and a table are read by mappings of their own; a topic and a bucket push into queues or inboxes. All
of it are children of the source, so that a transform of the source reaches it (`nodes={"mapping": …}`, and
`"mapping-OnOrder"` for one of several).
"""

from __future__ import annotations

from typing import Any

from isthmus.components.component import Component
from isthmus.declarations.subscription import Subscription
from isthmus.deployment import Deployment


def subscription(declared: Subscription, deployment: Deployment) -> Component[Any]:
    """Return the component that delivers a subscription: its source's."""
    component: Component[Any] = deployment.component(declared.source)
    return component
