"""What a caller is told of a failure."""

from __future__ import annotations

import pytest

from isthmus.errors import InvocationFailedError
from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract, invoke


class ErrorContract(Contract):
    """What a caller is told of a failure."""

    @pytest.mark.parametrize("error", ["ValueError", "LookupError"])
    def test_an_error_is_told_by_the_name_of_its_class_and_its_message(self, testbed: Testbed, error: str) -> None:
        with pytest.raises(InvocationFailedError) as caught:
            invoke(testbed, "Fail", {"raise": error, "message": "no such thing: é"})

        assert (caught.value.type, caught.value.message) == (error, "no such thing: é")
        assert caught.value.function == "Fail"

    def test_a_result_that_is_no_json_is_an_error_that_says_so(self, testbed: Testbed) -> None:
        with pytest.raises(InvocationFailedError) as caught:
            invoke(testbed, "Nonsense", {"key": "result"})

        assert caught.value.type == "HandlerResultError"
        assert "result" in caught.value.message

    def test_a_function_goes_on_after_an_error(self, testbed: Testbed) -> None:
        for _ in range(3):
            with pytest.raises(InvocationFailedError):
                invoke(testbed, "Fail", {"raise": "ValueError", "message": "x"})
        assert invoke(testbed, "Add", {"numbers": [1]})["sum"] == 1
