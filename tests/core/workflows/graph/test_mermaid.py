from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from isthmus.workflows.graph.mermaid import escaped, mermaid
from tests.core.workflows.graph.pictures import definition


def test_states_are_nodes_and_transitions_are_arrows_with_words() -> None:
    drawn = mermaid(definition(), "ProcessOrder")

    assert drawn.startswith('---\ntitle: "ProcessOrder"\n---\nflowchart TD\n  s1["Validate"]\n  s2{"Large?"}\n')
    assert "  s1 --> s2\n" in drawn
    assert '  s1 -.->|"ValidationError, BadOrderError"| s6\n' in drawn
    assert '  s2 -->|"$.total #62; 100"| s3\n' in drawn
    assert '  s2 -->|"$.gift is present and not $.note matches a*"| s4\n' in drawn
    assert '  s2 -->|"otherwise"| s4\n' in drawn


def test_what_is_within_a_state_is_a_subgraph() -> None:
    drawn = mermaid(definition())

    assert '  subgraph s4["Fulfil"]\n    subgraph s4b1[" "]\n      s7["Email"]\n' in drawn
    assert re.search(r'subgraph s\d+\["Each"\]\n +s\d+\["Ship"\]', drawn)
    assert drawn.count("subgraph") == len(re.findall(r"^ +end$", drawn, re.MULTILINE)) == 4


def test_a_name_cannot_break_out_of_its_node() -> None:
    drawn = mermaid(definition({'"]; click s1 href "x"\n%%{init}': {"Type": "Succeed"}}), 'a\n---\nb: "')

    assert "click s1 href #34;x#34;" in drawn
    assert drawn.splitlines()[:4] == ["---", 'title: "a --- b: \\""', "---", "flowchart TD"]
    assert len(drawn.splitlines()) == 7


@given(st.text())
def test_an_escaped_text_is_one_line_without_anything_that_means_something(text: str) -> None:
    plain = re.sub(r"#\d+;", "", escaped(text))

    assert not set(plain) & set('"#&<>;`%|\\[]{}()\n\r')
    assert len(plain.encode()) <= len(text.encode("utf-8", "replace")) + 3
    assert escaped(text)


def test_a_broken_definition_is_drawn_as_far_as_it_goes() -> None:
    drawn = mermaid(definition({"A": {"Type": 5, "Next": "Nowhere", "Catch": 7}, "B": {"Choices": {}}}, "C"))

    assert drawn == 'flowchart TD\n  s1["A"]\n  s2["B"]\n'
