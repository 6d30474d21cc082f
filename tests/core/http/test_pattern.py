from __future__ import annotations

import pytest

from isthmus.http.pattern import faults_of, shape, split_pattern


def test_two_patterns_that_differ_in_the_names_of_parameters_alone_have_one_shape() -> None:
    assert shape("/a/{x}/{y+}") == shape("/a/{p}/{q+}")


@pytest.mark.parametrize("other", ["/a/x", "/A/{x}", "/a/{x}/", "/a/{x+}", "/{a}/{x}", "/a/{x}/b", "/"])
def test_patterns_that_a_request_can_tell_apart_have_different_shapes(other: str) -> None:
    assert shape(other) != shape("/a/{x}")


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "begins with a slash"),
        ("a", "begins with a slash"),
        ("/{}", "needs a name"),
        ("/{+}", "needs a name"),
        ("/{a}/{a}", "two parameters are named 'a'"),
        ("/{a}/{a+}", "two parameters are named 'a'"),
        ("/{a+}/b", "only be the last segment"),
        ("/{a+}/", "only be the last segment"),
        ("/{a b}", "cannot be a parameter's name"),
        ("/{1a}", "cannot be a parameter's name"),
        ("/{é}", "cannot be a parameter's name"),
        ("/{a-b}", "cannot be a parameter's name"),
        ("/{{a}}", "cannot be a parameter's name"),
        ("/{a++}", "cannot be a parameter's name"),
        ("/x{a}", "must be a parameter as a whole"),
        ("/{a}.json", "must be a parameter as a whole"),
        ("/{a", "must be a parameter as a whole"),
        ("/a}", "must be a parameter as a whole"),
        ("/a b", "holds ' '"),
        ("/é", "holds 'é'"),
        ("/a%20b", "holds '%'"),
        ("/a?b#c", "holds '#\\?'"),
        ("/a//b", "an empty segment"),
        ("//", "an empty segment"),
        ("/a/../b", "'..' matches no request"),
        ("/.", "'.' matches no request"),
    ],
)
def test_a_malformed_pattern_says_what_is_wrong(pattern: str, why: str) -> None:
    faults = faults_of(pattern)

    assert len(faults) == 1
    assert why.replace("\\", "") in faults[0]


def test_every_fault_of_a_pattern_is_told_at_once() -> None:
    assert len(faults_of("/{a+}/{a}/é//b")) == 4


def test_a_pattern_is_split_into_kinds() -> None:
    assert split_pattern("/a/{b}/{c+}") == [("literal", "a"), ("parameter", "b"), ("greedy", "c")]
