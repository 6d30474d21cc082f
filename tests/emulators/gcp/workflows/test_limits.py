"""Limits: https://cloud.google.com/workflows/quotas."""

from __future__ import annotations

import pytest

from tests.emulators.gcp.workflows.ran import ran
from tests.emulators.gcp.workflows.workflow import ArgumentError

COUNT = (
    "- a: {assign: [{n: 1}]}\n- b: {assign: [{n: '${n + 1}'}]}\n- c: {switch: [{condition: '${n < %d}', next: b}]}\n"
)


def test_an_execution_has_100000_steps_at_most() -> None:
    assert ran(COUNT % 50_000).state == "SUCCEEDED"
    assert ran(COUNT % 50_001).raised["tags"] == ["ResourceLimitError"]


def test_calls_are_twenty_deep_at_most() -> None:
    source = """
main: {params: [n], steps: [{a: {call: f, args: {n: '${n}'}, result: r}}, {b: {return: '${r}'}}]}
f:
  params: [n]
  steps:
  - a: {switch: [{condition: '${n == 0}', return: done}]}
  - b: {call: f, args: {n: '${n - 1}'}, result: r}
  - c: {return: '${r}'}
"""
    assert ran(source, 18).value == "done"
    assert ran(source, 19).raised["tags"] == ["RecursionError"]


def test_variables_take_512_kilobytes_and_a_copy_counts_again() -> None:
    source = """
main:
  params: [n]
  steps:
  - a: {assign: [{s: x}]}
  - b: {for: {value: v, range: [1, 17], steps: [{c: {assign: [{s: '${s + s}'}]}}]}}
  - d: {assign: [{l: []}]}
  - e: {for: {value: w, range: '${[1, n]}', steps: [{f: {assign: [{l: '${list.concat(l, s)}'}]}}]}}
"""
    outcome = ran(source, 2)

    assert outcome.state == "SUCCEEDED"
    assert 3 * 2**17 < outcome.memory < 3 * 2**17 + 200
    assert ran(source, 3).raised["tags"] == ["ResourceLimitError"]


def test_memory_is_what_the_documentation_computes() -> None:
    outcome = ran('- a: {assign: [{a: "This is a string of 28 bytes"}, {b: "${a}"}]}')

    assert outcome.memory == 72


def test_a_string_has_256_kilobytes_at_most() -> None:
    source = (
        "- a: {assign: [{s: x}]}\n- b: {for: {value: v, range: [1, %d], steps: [{c: {assign: [{s: '${s + s}'}]}}]}}"
    )

    assert ran(source % 18).state == "SUCCEEDED"
    assert ran(source % 19).raised["tags"] == ["ResourceLimitError"]


def test_an_argument_has_32_kilobytes_at_most() -> None:
    source = "main: {params: [a], steps: [{s: {return: '${len(a)}'}}]}"

    assert ran(source, "a" * (32 * 1024 - 2)).value == 32 * 1024 - 2
    with pytest.raises(ArgumentError):
        ran(source, "a" * (32 * 1024 - 1))


def test_a_loop_that_would_never_end_ends_at_the_limit_of_steps() -> None:
    loop = "{for: {value: v, range: [1, 1000000000000], steps: [{b: {call: sys.now}}]}}"

    assert ran(f"- a: {loop}").raised["tags"] == ["ResourceLimitError"]
    assert ran(f"- a: {{parallel: {loop}}}").raised["tags"] == ["ResourceLimitError"]
    assert ran("- a: {next: a}").raised["tags"] == ["ResourceLimitError"]


def test_a_replacement_that_would_take_gigabytes_is_a_resource_limit_error() -> None:
    source = """
- a: {assign: [{s: x}]}
- b: {for: {value: v, range: [1, 17], steps: [{c: {assign: [{s: '${s + s}'}]}}]}}
- d: {assign: [{r: '${FUNCTION(s, "x", s)}'}]}
"""
    for name in ("text.replace_all", "text.replace_all_regex"):
        assert ran(source.replace("FUNCTION", name)).raised["tags"] == ["ResourceLimitError"]


def test_data_that_is_nested_very_deep_ends_in_an_error_and_no_crash() -> None:
    source = (
        "- a: {assign: [{x: []}]}\n- b: {for: {value: v, range: [1, 5000], steps: [{c: {assign: [{x: ['${x}']}]}}]}}"
    )

    assert ran(source).state == "FAILED"
