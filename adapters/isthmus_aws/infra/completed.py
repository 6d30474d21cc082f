"""What AWS adds to the identity of a function: the aliases of what it calls, and where its inboxes give up to."""

from __future__ import annotations

from isthmus import links
from isthmus.declarations.function import Function
from isthmus.links import Identity
from isthmus.plan import Plan
from isthmus.wiring import deliveries, functions
from isthmus_aws.clients.function import ALIAS as CALLED
from isthmus_aws.infra.arns import ALIAS
from isthmus_aws.infra.function_args import FunctionArgs
from isthmus_aws.infra.redrive import has_own_dead_letters
from isthmus_aws.names import inbox_dead_letters_name, inbox_name


def completed(identity: Identity, declared: Function, plan: Plan) -> Identity:
    """Return the identity of a declared function as the function itself is to know it."""
    copy = links.decode(links.encode(identity))
    _add_aliases(copy, plan)
    _add_dead_letters(copy, declared, plan)
    return copy


def _add_aliases(identity: Identity, plan: Plan) -> None:
    """Name the alias of each linked function whose instances are kept warm: they are the alias's.

    https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
    """
    for function in functions(plan.app):
        link = identity.links.get(function.name)
        if link is not None and FunctionArgs.of(function, plan).provisioned_concurrency:
            link.properties = {**link.properties, CALLED: ALIAS}


def _add_dead_letters(identity: Identity, declared: Function, plan: Plan) -> None:
    """Name the dead-letter queues that inboxes have of their own: the function parks there too, with the reason."""
    app, target = plan.app, plan.target
    for delivery in deliveries(app):
        if delivery.function is declared and has_own_dead_letters(plan, delivery.source):
            source = identity.sources.get(inbox_name(app, target, delivery.source, declared))
            if source is not None:
                source.dead_letters = inbox_dead_letters_name(app, target, delivery.source, declared)
