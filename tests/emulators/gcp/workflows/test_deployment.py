"""What Google refuses to deploy, and what it takes."""

from __future__ import annotations

import json

import pytest

from tests.emulators.gcp.workflows.failures import DeploymentError
from tests.emulators.gcp.workflows.ran import ran, refused
from tests.emulators.gcp.workflows.workflow import deploy

OK = "- z: {return: 1}\n"


def test_the_error_is_the_documented_one() -> None:
    source = "- step1: {assign: [{varA: Hello}]}\n- step2: {return: '${varC + varA}'}\n"

    assert refused(source) == (
        "failed to build: error in step step2: symbol 'varC' is neither a variable nor a sub-workflow name"
    )


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(DeploymentError) as error:
        deploy("- a: {return: '${b}'}\n- a: {next: nowhere}\n")

    assert len(error.value.problems) == 3


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "main workflow is not defined"),
        ("sub: {steps: []}", "main workflow is not defined"),
        ("main: {steps: []}", "at least one step"),
        ("main: {params: [a, b], steps: [{s: {return: 1}}]}", "too many params"),
        ("main: {parameters: [a], steps: [{s: {return: 1}}]}", "unexpected entry 'parameters'"),
        ("main: {params: [1a], steps: [{s: {return: 1}}]}", "invalid parameter"),
        ("main: {params: ['a b'], steps: [{s: {return: 1}}]}", "invalid parameter"),
        ("main: {steps: [{s: {return: 1}}]}\nlen: {steps: [{s: {return: 1}}]}", "the name is taken"),
        ("- {a: {return: 1}, b: {return: 2}}", "a step is a map of its name"),
        ("- end: {return: 1}", "the name is reserved"),
        ("- a: {jump: b}", "no action known"),
        ("- a: {assign: [{x: 1}], call: sys.now}", "more than one action"),
        ("- a: {assign: {x: 1}}", "'assign' is a list"),
        ("- a: {assign: []}", "1 to 50"),
        ("- a: {assign: [{x: 1, y: 2}]}", "one variable"),
        ("- a: {assign: [{'1x': 2}]}", "extraneous input"),
        ("- a: {return: 1, next: end}", "unexpected entry 'next'"),
        ("- a: {call: sys.now, arguments: {}}", "unexpected entry 'arguments'"),
        ("- a: {call: sys.now, result: a.b}", "invalid variable name"),
        ("- a: {call: sys.now, result: in}", "invalid variable name"),
        ("- a: {call: sys.sleep, args: {second: 1}}", "unknown argument 'second'"),
        ("- a: {call: sys.sleep}", "missing argument 'seconds'"),
        ("- a: {call: googleapis.compute.v1.instances.start}", "unknown function"),
        ("- a: {call: main}", "unknown function"),
        ("- a: {switch: []}", "1 to 50"),
        ("- a: {switch: [{next: end}]}", "'condition' is required"),
        ("- a: {switch: [{condition: true}]}", "nothing is done"),
        ("- a: {for: {value: v, steps: [{b: {return: 1}}]}}", "one of 'in' and 'range'"),
        ("- a: {for: {value: v, in: [], range: [1, 2], steps: [{b: {return: 1}}]}}", "one of 'in' and 'range'"),
        ("- a: {for: {value: v, range: [1, '${2}'], steps: [{b: {return: 1}}]}}", "two numbers"),
        ("- a: {for: {value: v, index: i, range: [1, 2], steps: [{b: {return: 1}}]}}", "'index' goes with 'in'"),
        ("- a: {try: {call: sys.now}}", "'retry' or 'except'"),
        ("- a: {try: {call: sys.now, next: end}, except: {as: e, steps: [{b: {return: 1}}]}}", "entry 'next'"),
        (
            "- a: {try: {for: {value: v, in: [], steps: [{b: {return: 1}}]}}, "
            "except: {as: e, steps: [{c: {next: end}}]}}",
            "loop step name should not be empty",
        ),
        ("- a: {try: {call: sys.now}, retry: always}", "'retry' is a default policy"),
        ("- a: {raise: 1}", "'raise' takes a string or a map"),
        ("- a: {next: [b]}", "'next' is the name of a step"),
        ("- a: {assign: [{x: 1}]}\n- a: {return: 1}", "duplicate step name"),
        ("- a: {steps: [{b: {return: 1}}]}\n- b: {return: 1}", "duplicate step name"),
        ("- a: {assign: [{x: 1}, {x: 1}", "parse error"),
        ("- a: {return: &b 1}\n- c: {return: *b}", "anchors"),
        ("- a: {return: !!str 1}", "tags"),
        ("- a: {return: {k: 1, k: 2}}", "already defined"),
        ("- a: {return: 99999999999999999999}", "64 bits"),
        ('[{"a": {"return": "\\ud83c\\udd97"}}]', "surrogate"),
        ('[{"a": {"return": 1, "return": 2}}]', "already defined"),
        ('{"main": {"steps": [{"a": {"return": NaN}}]}}', "NaN"),
    ],
)
def test_a_wrong_form_is_refused(source: str, reason: str) -> None:
    assert reason in refused(source)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("- a: {next: b}", "'next' to 'b'"),
        ("- a: {next: break}", "'next' to 'break'"),
        ("- a: {steps: [{b: {next: c}}, {c: {next: a}}]}\n- d: {next: c}", "step 'd': 'next' to 'c'"),
        ("- a: {for: {value: v, in: [1], steps: [{b: {next: c}}]}}\n- c: {return: 1}", "'next' to 'c'"),
        (
            "- a: {try: {steps: [{b: {next: c}}]}, except: {as: e, steps: [{d: {next: c}}]}}\n- c: {return: 1}",
            "step 'b': 'next' to 'c'",
        ),
        (
            "- a: {parallel: {branches: [{b: {steps: [{c: {return: 1}}]}}, {d: {steps: [{e: {next: end}}]}}]}}",
            "step 'c': 'return' in a parallel branch",
        ),
        (
            "- a: {parallel: {for: {value: v, in: [1], steps: [{b: {next: break}}]}}}",
            "step 'b': 'next' to 'break'",
        ),
    ],
)
def test_a_jump_goes_to_steps_around_and_never_out_of_a_try_a_loop_or_a_branch(source: str, reason: str) -> None:
    assert reason in refused(source)


def test_a_jump_may_leave_except_nested_steps_and_a_switch() -> None:
    source = """
- a:
    try: {raise: boom}
    except: {as: e, steps: [{b: {switch: [{condition: '${e == "boom"}', next: c}]}}, {never: {return: 1}}]}
- d: {return: 2}
- c: {steps: [{f: {switch: [{condition: true, steps: [{g: {next: h}}]}]}}]}
- i: {return: 3}
- h: {return: 4}
"""
    assert ran(source).value == 4


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("- a: {for: {value: v, in: [1], steps: [{b: {assign: [{x: 1}]}}]}}\n- c: {return: '${x}'}", "symbol 'x'"),
        ("- a: {for: {value: v, in: [1], steps: [{b: {next: continue}}]}}\n- c: {return: '${v}'}", "symbol 'v'"),
        (
            "- a: {try: {call: sys.now}, except: {as: e, steps: [{b: {assign: [{x: '${e}'}]}}]}}\n"
            "- c: {return: '${x}'}",
            "symbol 'x'",
        ),
        (
            "- a: {assign: [{v: 1}]}\n- b: {for: {value: v, in: [1], steps: [{c: {next: continue}}]}}",
            "loop variable 'v' is used outside",
        ),
        (
            "- a: {for: {value: v, in: [1], steps: [{b: {for: {value: v, in: [1], steps: [{c: {next: break}}]}}}]}}",
            "loop variable 'v' is used in a nested loop",
        ),
        (
            "- a: {assign: [{x: 1}]}\n- p: {parallel: {for: {value: v, in: [1], steps: [{b: {assign: [{x: 2}]}}]}}}",
            "variable 'x' of the parent scope cannot be assigned here",
        ),
        (
            "- a: {assign: [{x: {}}]}\n- p: {parallel: {for: {value: v, in: [1], steps: [{b: {assign: [{x.y: 2}]}}]}}}",
            "variable 'x' of the parent scope cannot be assigned here",
        ),
        (
            "- a: {assign: [{x: 1}]}\n- p: {parallel: {for: {value: v, in: [1], steps: [{b: {try: {call: sys.now}, "
            "except: {as: e, steps: [{c: {assign: [{x: 2}]}}]}}}]}}}",
            "variable 'x' of the parent scope cannot be assigned here",
        ),
        (
            "- p: {parallel: {shared: [x], for: {value: v, in: [1], steps: [{b: {assign: [{x: 2}]}}]}}}",
            "shared variable 'x' is not a writable variable of the parent scope",
        ),
        (
            "- p: {parallel: {branches: [{b: {steps: [{c: {assign: [{x: 1}]}}]}}, "
            "{d: {steps: [{f: {assign: [{y: '${x}'}]}}]}}]}}",
            "symbol 'x'",
        ),
        ("- a: {assign: [{x.y: 1}]}", "variable 'x' of the parent scope"),
        ("main: {steps: [{a: {call: f, args: {b: 1}}}]}\nf: {params: [a], steps: [{s: {return: 1}}]}", "argument 'b'"),
        ("main: {steps: [{a: {call: f}}]}\nf: {params: [a], steps: [{s: {return: 1}}]}", "missing argument 'a'"),
        (
            "main: {steps: [{a: {return: '${f()}'}}]}\nf: {steps: [{s: {call: sys.sleep, args: {seconds: 1}}}]}",
            "'f' blocks",
        ),
        (
            "- a: {try: {call: sys.now}, retry: {predicate: '${p}', max_retries: 1, "
            "backoff: {initial_delay: 1, max_delay: 1, multiplier: 1}}}",
            "predicate 'p' is no sub-workflow",
        ),
    ],
)
def test_a_variable_is_seen_in_its_scope_only(source: str, reason: str) -> None:
    assert reason in refused(source)


def test_a_source_has_128_kilobytes_at_most() -> None:
    filled = OK + "#" * (128 * 1024 - len(OK))

    assert ran(filled).value == 1
    assert "too large" in refused(filled + "#")


def test_json_is_taken_as_well_as_yaml() -> None:
    document = {"main": {"params": ["a"], "steps": [{"s": {"return": "${a + 1}"}}]}}

    assert ran(json.dumps(document), 1).value == 2
    assert ran(json.dumps([{"s": {"return": "é🆗"}}], ensure_ascii=False)).value == "é🆗"


def test_words_and_numbers_in_yaml_are_what_the_documentation_names() -> None:
    source = "- s: {return: [yes, on, TRUE, False, ~, 010, 1:30, 0x10, 1_000, 1.5, 1e3, 2020-01-01, '1']}"

    assert ran(source).value == [
        *("yes", "on", True, False, None),
        *(10, "1:30", "0x10", "1_000", 1.5, 1000, "2020-01-01", "1"),
    ]


@pytest.mark.parametrize("deep", ["[" * 5000 + "]" * 5000, "- " * 2000 + "a", '{"a":' * 3000 + "1" + "}" * 3000])
def test_a_source_that_is_nested_too_deep_is_refused(deep: str) -> None:
    assert "parse error" in refused(deep)
