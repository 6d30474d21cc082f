from __future__ import annotations

import pytest

from isthmus import errors
from isthmus.errors import AccessDeniedError, InvocationFailedError, IsthmusError, NotLinkedError, PartialSendError


def all_errors() -> list[type[BaseException]]:
    kinds: list[type[BaseException]] = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    return [kind for kind in kinds if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", all_errors())
def test_every_error_has_the_one_base_and_a_name_that_says_it_is_one(kind: type[BaseException]) -> None:
    assert issubclass(kind, IsthmusError)
    assert kind.__name__.endswith("Error")


def test_a_missing_link_tells_the_function_what_is_linked_and_the_line_to_add() -> None:
    error = NotLinkedError("Orders", function="Create", linked=["Stock", "Events"])

    assert str(error) == (
        "function 'Create' is not linked to 'Orders' (linked: Events, Stock). "
        "Add it where the function is declared, in infra/app.py: link=[orders]"
    )


def test_a_verb_that_is_not_granted_is_told_with_those_that_are() -> None:
    error = AccessDeniedError("Orders", "write", function="List", granted=["read"])

    assert "'List' may not write 'Orders' (granted: read)" in str(error)
    assert "link=[orders.write]" in str(error)


def test_a_failed_invocation_names_the_exception_that_was_raised_there() -> None:
    error = InvocationFailedError("Charge", "CardDeclined", "no funds")

    assert str(error) == "Charge failed: CardDeclined: no funds"
    assert (error.function, error.type, error.message) == ("Charge", "CardDeclined", "no funds")


def test_a_partial_send_counts_what_failed_and_tells_the_first_reason() -> None:
    error = PartialSendError([(3, "too large"), (5, "throttled")], 9)

    assert str(error) == "2 of 9 messages were not accepted; the first is number 3: too large"
