from __future__ import annotations

from click.testing import CliRunner

from isthmus.capabilities import Between, Capabilities, Ignored, Limits, OneOf, Support, Unsupported, features
from isthmus.cli.commands import cli
from isthmus.cli.providers import comparison, said
from isthmus.providers import installed


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["providers", *arguments])
    return result.exit_code, result.output


def test_every_installed_provider_has_a_column_and_every_feature_a_row() -> None:
    code, output = run()

    assert code == 0
    assert f"| | {' | '.join(installed())} |" in output
    assert [feature for feature in features() if f"| `{feature}` |" not in output] == []


def test_some_providers_and_one_kind_can_be_asked_for() -> None:
    _, output = run("local", "--kind", "queue")

    assert output.startswith("### queue\n| | local |\n")
    assert "`topic`" not in output


def test_a_name_that_nobody_has_is_told_with_the_nearest() -> None:
    assert "no provider is named 'locl'" in run("locl")[1]
    assert "did you mean 'queue'?" in run("--kind", "queu")[1]


def test_each_sort_of_support_is_said_in_words() -> None:
    table: dict[Support, str] = {
        Between(1, 1000, "messages", "its own"): "1 to 1,000 messages; its own",
        Between(1, None): "1 or more",
        OneOf(("a", "b")): "'a', 'b' only",
        Ignored("no harm"): "*changes nothing:* no harm",
        Unsupported("it cannot | may not", "do this"): "**no:** it cannot \\| may not; do this",
    }

    assert {row: said(row) for row in table} == table


def test_limits_that_there_are_not_are_said_as_well() -> None:
    limits = Limits(environment_bytes=4096, api_timeout=None)
    table = comparison({"other": Capabilities(rows={}, limits=limits)})

    assert "| bytes of a function's variables | 4,096 |" in table
    assert "| seconds of a request | none |" in table
