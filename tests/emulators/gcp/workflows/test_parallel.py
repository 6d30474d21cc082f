"""Parallel steps, in virtual time."""

from __future__ import annotations

from tests.emulators.gcp.workflows.ran import ran, refused

SLEEPY = """
- a: {assign: [{o: []}, {now: 0}]}
- p:
    parallel:
      shared: [o]
      LIMIT
      for:
        value: v
        in: [3, 1, 2]
        steps:
        - s: {call: sys.sleep, args: {seconds: '${v}'}}
        - w: {assign: [{o: '${list.concat(o, v)}'}]}
- r: {return: '${o}'}
"""


def test_iterations_wait_side_by_side() -> None:
    outcome = ran(SLEEPY.replace("LIMIT", "concurrency_limit: 20"))

    assert (outcome.value, outcome.seconds) == ([1, 2, 3], 3)


def test_a_limit_of_one_lets_them_run_one_after_the_other() -> None:
    outcome = ran(SLEEPY.replace("LIMIT", "concurrency_limit: '${0 + 1}'"))

    assert (outcome.value, outcome.seconds) == ([3, 1, 2], 6)


def test_a_limit_is_a_positive_integer() -> None:
    assert ran(SLEEPY.replace("LIMIT", "concurrency_limit: 0")).raised["tags"] == ["ValueError"]
    assert ran(SLEEPY.replace("LIMIT", "concurrency_limit: 1.5")).raised["tags"] == ["TypeError"]


def test_twenty_run_at_a_time_in_an_execution() -> None:
    source = "- p: {parallel: {for: {value: v, range: [1, 50], steps: [{s: {call: sys.sleep, args: {seconds: 1}}}]}}}"

    assert ran(source).seconds == 3


def test_a_nested_step_does_not_wait_for_the_slots_of_those_around_it() -> None:
    source = """
- p:
    parallel:
      for:
        value: v
        range: [1, 20]
        steps:
        - q: {parallel: {for: {value: w, range: [1, 2], steps: [{s: {call: sys.sleep, args: {seconds: 1}}}]}}}
"""
    assert ran(source).seconds == 2


def test_more_than_two_levels_are_a_nesting_error_also_through_subworkflows() -> None:
    source = """
main: {steps: [{a: {parallel: {for: {value: v, in: [1], steps: [{b: {call: two}}]}}}}]}
two: {steps: [{a: {parallel: {for: {value: v, in: [1], steps: [{b: {call: three}}]}}}}]}
three:
  steps:
  - a:
      try: {parallel: {for: {value: v, in: [1], steps: [{b: {call: sys.now}}]}}}
      except: {as: e, steps: [{c: {raise: '${e.tags[0]}'}}]}
"""
    outcome = ran(source)
    inner = outcome.raised["branches"][0]["error"]["payload"]

    assert outcome.raised["tags"] == ["UnhandledBranchError", "RuntimeError"]
    assert "ParallelNestingError" in inner


def test_all_others_go_on_where_a_branch_fails_and_the_errors_are_told_together() -> None:
    source = """
- a: {assign: [{o: []}]}
- p:
    try:
      parallel:
        shared: [o]
        exception_policy: continueAll
        branches:
        - bad: {steps: [{b: {raise: first}}]}
        - worse: {steps: [{s: {call: sys.sleep, args: {seconds: 1}}}, {c: {raise: {code: 2}}}]}
        - good: {steps: [{t: {call: sys.sleep, args: {seconds: 5}}}, {d: {assign: [{o: '${list.concat(o, 1)}'}]}}]}
    except: {as: e, steps: [{f: {return: ['${o}', '${e}']}}]}
"""
    outcome = ran(source)
    done, error = outcome.value

    assert (done, outcome.seconds) == ([1], 5)
    assert [branch["id"] for branch in error["branches"]] == ["bad", "worse"]
    assert [branch["error"]["payload"] for branch in error["branches"]] == ['"first"', '{"code":2}']
    assert error["branches"][0]["error"]["context"].startswith('RuntimeError: "first"\nin step "b", routine "main"')
    assert (error["truncated"], error["tags"][0]) == (False, "UnhandledBranchError")


def test_a_read_and_a_write_in_two_steps_may_be_overtaken() -> None:
    source = """
- a: {assign: [{n: 0}]}
- p:
    parallel:
      shared: [n]
      for:
        value: v
        range: [1, 10]
        steps:
        - read: {assign: [{m: '${n}'}]}
        - write: {assign: [{n: '${m + 1}'}]}
- r: {return: '${n}'}
"""
    assert ran(source).value < 10


def test_a_shared_map_has_what_each_iteration_has_put_in() -> None:
    source = """
- a: {assign: [{o: {}}]}
- p:
    parallel:
      shared: [o]
      for: {value: v, index: i, in: [a, b, c], steps: [{w: {assign: [{'o[string(i)]': '${v}'}]}}]}
- r: {return: '${o}'}
"""
    assert ran(source).value == {"0": "a", "1": "b", "2": "c"}


def test_no_iteration_is_no_error_and_one_branch_or_eleven_are_refused() -> None:
    branch = "{b%d: {steps: [{s%d: {call: sys.now}}]}}"
    many = ", ".join(branch % (number, number) for number in range(11))

    assert ran("- p: {parallel: {for: {value: v, in: [], steps: [{s: {call: sys.now}}]}}}").state == "SUCCEEDED"
    assert "2 to 10" in refused(f"- p: {{parallel: {{branches: [{many}]}}}}")
    assert "2 to 10" in refused(f"- p: {{parallel: {{branches: [{branch % (1, 1)}]}}}}")


def test_a_variable_of_a_branch_is_gone_after_it_and_none_of_its_memory_is_left() -> None:
    source = "- p: {parallel: {for: {value: v, range: [1, 100], steps: [{s: {assign: [{x: '${v}'}]}}]}}}"
    outcome = ran(source)

    assert outcome.state == "SUCCEEDED"
    assert outcome.memory <= 20 * 16
