"""Steps: assignments, calls, switches, loops, jumps."""

from __future__ import annotations

import pytest

from tests.emulators.gcp.workflows.ran import ran


def test_an_assignment_makes_a_copy() -> None:
    source = """
- a: {assign: [{x: {k: [1, 2]}}, {y: '${x}'}, {'y.k[0]': 9}, {l: '${[x, x]}'}, {'l[0].k': 7}]}
- b: {call: sys.log, args: {data: '${x}'}}
- r: {return: ['${x}', '${y}', '${l}']}
"""
    assert ran(source).value == [{"k": [1, 2]}, {"k": [9, 2]}, [{"k": 7}, {"k": [1, 2]}]]


def test_a_place_in_a_list_or_map_is_assigned_by_expressions() -> None:
    source = """
- a: {assign: [{l: [1, 2, 3]}, {n: 1}, {'l[n + 1]': c}, {'l[len(l) - 3]': a}, {m: {}}, {'m["a-b"]': 1}, {m.n: '${n}'}]}
- r: {return: ['${l}', '${m}']}
"""
    assert ran(source).value == [["a", 2, "c"], {"a-b": 1, "n": 1}]


@pytest.mark.parametrize(
    ("target", "tag"),
    [
        ("l[3]", "IndexError"),
        ("l[-1]", "IndexError"),
        ("m.a.b", "KeyError"),
        ("n.a", "TypeError"),
        ("m[1]", "TypeError"),
    ],
)
def test_what_is_on_the_way_to_an_assigned_place_has_to_be_there(target: str, tag: str) -> None:
    outcome = ran(f"- a: {{assign: [{{l: [1, 2, 3]}}, {{m: {{}}}}, {{n: 1}}, {{'{target}': 1}}]}}")

    assert outcome.raised["tags"] == [tag]


def test_a_variable_that_is_only_assigned_later_is_not_there_yet() -> None:
    outcome = ran("- a: {assign: [{x: '${y}'}]}\n- b: {assign: [{y: 1}]}\n")

    assert outcome.raised["tags"] == ["KeyError"]


def test_a_subworkflow_has_parameters_defaults_and_variables_of_its_own() -> None:
    source = """
main:
  steps:
  - a: {assign: [{x: 1}]}
  - b: {call: greet, args: {first: Ada}, result: g}
  - c: {return: ['${g}', '${greet("Ada", "L.")}', '${x}']}
greet:
  params: [first, last: Unknown]
  steps:
  - a: {assign: [{x: '${first + " " + last}'}]}
  - b: {return: '${x}'}
"""
    assert ran(source).value == ["Ada Unknown", "Ada L.", 1]


def test_a_subworkflow_without_return_returns_null() -> None:
    source = """
main: {steps: [{a: {call: f, result: r}}, {b: {return: '${r}'}}]}
f: {steps: [{s: {next: end}}, {t: {return: 1}}]}
"""
    assert ran(source).result == "null"


def test_no_argument_is_null_and_one_without_params_is_ignored() -> None:
    assert ran("main: {params: [a], steps: [{s: {return: '${a == null}'}}]}").value is True
    assert ran("- s: {return: 1}", {"a": 1}).value == 1


def test_the_first_condition_that_holds_counts() -> None:
    source = """
main:
  params: [n]
  steps:
  - s:
      switch:
      - {condition: '${n < 1}', next: low}
      - {condition: '${n < 2}', steps: [{t: {assign: [{r: one}]}}], next: give}
      - {condition: '${n < 3}', assign: [{r: two}]}
      - {condition: '${n < 4}', raise: three}
      - {condition: '${n < 5}', return: four}
      - {condition: '${n < 6}', call: text.to_upper, args: {source: five}, result: r}
      next: give
  - low: {assign: [{r: low}], next: give}
  - never: {return: never}
  - give: {return: '${r}'}
"""
    values = [ran(source, n).value for n in (0, 1, 2, 4, 5)]

    assert values == ["low", "one", "two", "four", "FIVE"]
    assert ran(source, 3).raised == "three"


def test_a_condition_is_a_boolean() -> None:
    assert ran("- s: {switch: [{condition: '${1}', return: 1}]}").raised["tags"] == ["TypeError"]


def test_a_loop_goes_over_lists_ranges_and_keys() -> None:
    source = """
- a: {assign: [{o: []}]}
- b: {for: {value: v, index: i, in: [5, 6], steps: [{c: {assign: [{o: '${list.concat(o, [i, v])}'}]}}]}}
- d: {for: {value: w, range: [1, 3], steps: [{e: {assign: [{o: '${list.concat(o, w)}'}]}}]}}
- f: {for: {value: k, in: '${keys({})}', steps: [{g: {assign: [{o: '${list.concat(o, k)}'}]}}]}}
- h: {for: {value: z, range: '${[2, len(o) - 4]}', steps: [{j: {assign: [{o: '${list.concat(o, z)}'}]}}]}}
- r: {return: '${o}'}
""".replace("keys({})", "[]")

    assert ran(source).value == [[0, 5], [1, 6], 1, 2, 3]


def test_break_and_continue_belong_to_the_innermost_loop() -> None:
    source = """
- a: {assign: [{o: []}]}
- b:
    for:
      value: v
      in: [1, 2, 3]
      steps:
      - c: {switch: [{condition: '${v == 2}', next: continue}]}
      - d:
          for:
            value: w
            in: [1, 2, 3]
            steps:
            - e: {switch: [{condition: '${w == v}', next: break}]}
            - f: {assign: [{o: '${list.concat(o, v * 10 + w)}'}]}
- r: {return: '${o}'}
"""
    assert ran(source).value == [31, 32]


def test_a_return_in_a_loop_ends_the_workflow() -> None:
    source = "- a: {for: {value: v, in: [1, 2], steps: [{b: {return: '${v}'}}]}}\n- c: {return: 9}\n"

    assert ran(source).value == 1


def test_an_iteration_does_not_see_what_the_one_before_it_has_left() -> None:
    source = """
- a:
    for:
      value: v
      in: [1, 2]
      steps:
      - b: {switch: [{condition: '${v == 2}', next: d}]}
      - c: {assign: [{x: 1}]}
      - d: {call: sys.log, args: {data: '${x}'}}
"""
    assert ran(source).raised["tags"] == ["KeyError"]


def test_a_loop_over_what_is_no_list_is_a_type_error() -> None:
    assert ran("- a: {for: {value: v, in: '${\"ab\"}', steps: [{b: {next: break}}]}}").raised["tags"] == ["TypeError"]


def test_the_steps_are_told_in_their_order() -> None:
    source = "- a: {next: c}\n- b: {return: 1}\n- c: {steps: [{d: {next: b}}]}\n"

    assert ran(source).steps == ("a", "c", "d", "b")
