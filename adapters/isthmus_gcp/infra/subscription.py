"""A subscription: its source's component makes what delivers; that of a queue to a topic, the queue's.

All of it are children there, so that a transform of the source reaches it (`nodes={"subscription": …}`, and
`"subscription-OnOrder"` for one of several).
"""

from __future__ import annotations

from typing import Any

from isthmus.components.component import Component
from isthmus.declarations.queue import Queue
from isthmus.declarations.subscription import Subscription
from isthmus.deployment import Deployment


def subscription(declared: Subscription, deployment: Deployment) -> Component[Any]:
    """Return the component that delivers a subscription."""
    owner = declared.target if isinstance(declared.target, Queue) else declared.source
    component: Component[Any] = deployment.component(owner)
    return component
