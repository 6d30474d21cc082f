"""The deployments that several tests look at, each made once."""

from __future__ import annotations

from functools import cache

from infra.app import app as orders_app
from isthmus.testing.contract.contract_app import contract_app
from tests.gcp.infra.deploying import deployed
from tests.gcp.infra.mocks import Deployed


@cache
def orders(stage: str = "dev", *, preview: bool = False) -> Deployed:
    """Return what the deployment of the reference app registers."""
    return deployed(orders_app, stack=f"gcp-{stage}", preview=preview)


@cache
def contract(stage: str = "dev") -> Deployed:
    """Return what the deployment of the contract suite's app registers."""
    return deployed(contract_app, stack=f"gcp-{stage}")
