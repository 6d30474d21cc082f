"""What secrets and plain settings must do."""

from __future__ import annotations

import uuid

import pytest

from isthmus.errors import InvocationFailedError
from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract, invoke


class SecretContract(Contract):
    """Secrets, parameters and linkables."""

    def test_a_secret_reaches_its_function_and_no_repr(self, testbed: Testbed) -> None:
        secret = f"{uuid.uuid4()} é"
        testbed.set_secret("ApiKey", secret)
        told = invoke(testbed, "Confide", {"secret": "ApiKey"})

        assert told["length"] == len(secret)
        assert secret not in told["repr"] + told["text"]
        assert secret not in repr(testbed.resource("ApiKey"))

    def test_a_secret_without_a_value_is_named_with_the_command_that_sets_it(self, testbed: Testbed) -> None:
        with pytest.raises(InvocationFailedError, match="isthmus secret set Unset") as caught:
            invoke(testbed, "Confide", {"secret": "Unset"})

        assert caught.value.type == "SecretNotSetError"

    def test_an_unknown_secret_cannot_be_set(self, testbed: Testbed) -> None:
        with pytest.raises(LookupError, match="ApiKey"):
            testbed.set_secret("NoSuchSecret", "x")

    def test_a_parameter_has_its_value(self, testbed: Testbed) -> None:
        assert testbed.resource("Greeting").value() == "hello"
        assert invoke(testbed, "Reader", {"resource": "Greeting", "verb": "value"}) == "hello"

    def test_a_linkable_has_its_properties(self, testbed: Testbed) -> None:
        settings = testbed.resource("Settings")

        assert (settings.endpoint, settings.retries) == ("https://example.com", 3)
