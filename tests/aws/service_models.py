"""What botocore knows of a service, for tests that hold ours against it."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


@cache
def service_model(name: str) -> Any:
    """Return botocore's model of a service, which publishes no types."""
    return import_module("botocore.session").get_session().get_service_model(name)


def faults(parameters: Any, shape: Any) -> str:
    """Return what botocore holds against the parameters of an operation; "" where it takes them."""
    report = import_module("botocore.validate").ParamValidator().validate(parameters, shape)
    return str(report.generate_report())
