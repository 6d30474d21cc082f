"""Breakages of how data flows: paths, rules, templates and intrinsic functions."""

from __future__ import annotations

from tests.workflows.breakages.breakage import Breakage

_OURS = "isthmus/workflows/json_path"
_TESTS = "tests/core/workflows/json_path"

BREAKAGES = [
    Breakage(
        "numbers are compared without a look at their type",
        f"{_OURS}/comparisons.py",
        "return value if is_number(value) else None",
        "return value",
        [f"{_TESTS}/test_rules.py::test_no_comparison_holds_of_another_type"],
    ),
    Breakage(
        "whatever equals true is a boolean",
        f"{_OURS}/comparisons.py",
        "return value if isinstance(value, bool) else None",
        "return value",
        [f"{_TESTS}/test_rules.py::test_what_merely_equals_a_boolean_is_none"],
    ),
    Breakage(
        "LessThan holds of equal values",
        f"{_OURS}/comparisons.py",
        '"LessThan": operator.lt,',
        '"LessThan": operator.le,',
        [f"{_TESTS}/test_rules.py::test_values_of_one_type_are_ordered"],
    ),
    Breakage(
        "timestamps are compared as text",
        f"{_OURS}/comparisons.py",
        '"Timestamp": instant}',
        '"Timestamp": _as_text}',
        [f"{_TESTS}/test_rules.py::test_equal_instants_are_equal_however_they_are_written"],
    ),
    Breakage(
        "what is null is not present",
        f"{_OURS}/rules.py",
        "return (definite or bool(found)) is wanted",
        "return (found is not None and (definite or bool(found))) is wanted",
        [f"{_TESTS}/test_rules.py::test_something_is_present_or_not"],
    ),
    Breakage(
        "And is Or",
        f"{_OURS}/rules.py",
        '("And", all)',
        '("And", any)',
        [f"{_TESTS}/test_rules.py::test_rules_are_joined_until_it_is_clear"],
    ),
    Breakage(
        "OutputPath is ignored",
        f"{_OURS}/dataflow.py",
        "Flowed(plan.output(output, scope) if plan.output else output, assigned)",
        "Flowed(output, assigned)",
        [f"{_TESTS}/test_dataflow.py::test_the_fields_of_a_pass_make_its_output"],
    ),
    Breakage(
        "ResultSelector is ignored",
        f"{_OURS}/dataflow.py",
        "plan.result(result, scope) if plan.result else result",
        "result",
        [f"{_TESTS}/test_dataflow.py::test_a_task_works_on_parameters_and_what_it_comes_to_is_selected_and_placed"],
    ),
    Breakage(
        "a catcher's ResultPath is ignored",
        f"{_OURS}/plans.py",
        "output if self.place is None else self.place(output, scope)",
        "output",
        [
            f"{_TESTS}/test_dataflow.py::test_a_catcher_puts_the_error_in_its_place",
            "tests/core/workflows/interpreter/test_failures.py::test_a_catcher_gets_the_error_and_goes_where_it_says",
        ],
    ),
    Breakage(
        "a ResultPath of null is the whole data",
        f"{_OURS}/plans.py",
        "        return lambda data, scope: scope.input\n",
        "        return None\n",
        [f"{_TESTS}/test_dataflow.py::test_the_fields_of_a_pass_make_its_output"],
    ),
    Breakage(
        "a result is put into the very data that others see",
        f"{_OURS}/reference.py",
        "return {**data}",
        "return data",
        [f"{_TESTS}/test_reference.py::test_a_value_is_put_in_its_place"],
    ),
    Breakage(
        "MathAdd rounds down",
        f"{_OURS}/intrinsic_functions.py",
        "math.floor(value + 0.5)",
        "math.floor(value)",
        [f"{_TESTS}/test_intrinsic_functions.py::test_a_function_returns_what_the_documentation_says"],
    ),
    Breakage(
        "ArrayRange leaves out its end",
        f"{_OURS}/intrinsic_functions.py",
        "end + (1 if increment > 0 else -1)",
        "end",
        [f"{_TESTS}/test_intrinsic_functions.py::test_a_function_returns_what_the_documentation_says"],
    ),
]
"""What is broken, where, how, and which tests have to notice."""
