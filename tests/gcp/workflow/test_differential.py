"""The recordings of real AWS, compiled and run on the test double: status, output and error agree in every feature."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus import compile
from tests.corpus.workflows_asl import cases, per_feature

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is absent")
def test_compiled_definitions_agree_with_the_recordings_of_aws(capsys: pytest.CaptureFixture[str]) -> None:
    found = list(cases(CORPUS))
    judged = [case for case in found if case.outcome.verdict != "not applicable"]
    features = per_feature(found)
    with capsys.disabled():
        for feature, (agree, of) in features.items():
            print(f"\n  {feature}: {agree} of {of}", end="")

    assert [(case.name, case.outcome.reason) for case in judged if case.outcome.verdict == "differ"] == []
    assert len(judged) > 500
    assert all(agree / of >= 0.9 for agree, of in features.values())


@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is absent")
def test_no_public_definition_lets_the_compiler_crash() -> None:
    found = compile.report(CORPUS)

    assert found.crashed == {}
    assert found.compiled > 150
    assert all(reasons for reasons in found.refused.values())
