from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from isthmus.cli import dev as dev_module
from isthmus.cli import main
from isthmus.cli import project as project_module
from isthmus.cli.commands import COMMANDS, cli
from isthmus.errors import ServiceError
from isthmus.providers import installed
from isthmus.tool_ports import SecretInfo
from tests.cli.capable import Capable, Run
from tests.fakes import FakeProvider

SOUND = """
def app(target):
    app = App("shop")
    orders = app.table("Orders", fields={"id": "string"}, primary_index="id")
    app.api("Api").route("GET /", "tests.core.plan.handlers.request", link=[orders.read])
    app.secret("WebhookKey")
    app.secret("Other")
    return app
"""
BROKEN = """
def app(target):
    app = App("shop")
    orders = app.table("Orders", fields={"id": "string"}, primary_index="id")
    app.queue("Work", max_atempts=5)
    app.api("Api").route("GTE /", "tests.core.plan.handlers.request")
    app.function("F", "tests.core.plan.handlers.anything", link=[orders.raed])
    return app
"""


def test_help_teaches_with_examples_and_lists_every_command() -> None:
    result = CliRunner().invoke(cli, ["--help"])

    assert result.exit_code == 0
    assert "isthmus plan --target local-dev" in result.output
    assert all(entry.help in result.output for entry in COMMANDS.values())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(cli, [command, "--help"])

    assert result.exit_code == 0
    assert f"isthmus {command}" in result.output


def test_help_imports_no_command() -> None:
    code = (
        "import sys; sys.argv = ['isthmus', '--help']\n"
        "from isthmus.cli import main\n"
        "try:\n    main()\nexcept SystemExit as done:\n    assert done.code == 0\n"
        "heavy = ('isthmus.plan', 'isthmus.checks', 'isthmus.declarations')\n"
        "print(sorted(name for name in sys.modules if name.startswith(heavy)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.splitlines()[-1] == "[]"


def test_an_unknown_command_is_a_wrong_use() -> None:
    assert CliRunner().invoke(cli, ["plam"]).exit_code == 2


def test_plan_of_a_sound_app_says_what_it_comes_to(run: Run) -> None:
    result = run(SOUND, "plan")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "shop on local, stage dev: 1 api, 1 function, 2 secret, 1 table. No problems." in result.stdout


def test_plan_tells_a_mistyped_link_route_and_option_at_once(run: Run) -> None:
    result = run(BROKEN, "plan")

    assert result.exit_code == 1
    assert "3 problems in the declaration:" in result.stderr
    for line, what in ((6, "'max_attempts'"), (7, "'GET /orders/{id}'"), (8, "did you mean 'read'?")):
        assert any(f".py:{line}: " in told and what in told for told in result.stderr.splitlines())


def test_plan_as_json_is_json_with_and_without_problems(run: Run) -> None:
    sound, broken, hopeless = (run(text, "plan", "--json") for text in (SOUND, BROKEN, "def app(target): return 5"))

    assert (sound.exit_code, broken.exit_code, hopeless.exit_code) == (0, 1, 1)
    assert json.loads(sound.stdout)["problems"] == []
    assert len(json.loads(broken.stdout)["problems"]) == 3
    assert "returned int" in json.loads(hopeless.stdout)["problems"][0]["what"]


def test_plan_shows_its_notes_and_a_hopeless_declaration_its_one_problem(run: Run) -> None:
    noted = run(SOUND.replace('{"id": "string"}', '{"id": "string", "unused": "string"}'), "plan")
    hopeless = run("def app(target): return 5", "plan")

    assert (noted.exit_code, hopeless.exit_code) == (0, 1)
    assert "no index uses field 'unused'" in noted.stdout
    assert "returned int, not the App that it made" in hopeless.stderr


def test_without_its_extra_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "click", None)
    monkeypatch.delitem(sys.modules, "isthmus.cli.commands")

    with pytest.raises(SystemExit, match=r"pip install 'isthmus\[local\]'"):
        main()


def test_another_missing_module_is_not_taken_for_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "isthmus.cli.commands", None)

    with pytest.raises(ModuleNotFoundError, match=r"isthmus\.cli\.commands"):
        main()


def test_dev_with_a_provider_that_runs_nothing_here_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(name: str) -> FakeProvider:
        return FakeProvider()

    monkeypatch.setattr(dev_module, "find", find)
    result = run(SOUND, "dev")

    assert result.exit_code == 1
    assert "pip install 'isthmus[local]'" in result.stderr


def test_an_unknown_provider_is_one_line_with_the_known_ones(run: Run) -> None:
    result = run(SOUND, "plan", "--target", "nimbus-dev")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: no provider is named 'nimbus'; installed: ")
    assert all(name in result.stderr for name in installed())


def test_a_mistyped_command_is_told_with_the_right_one() -> None:
    result = CliRunner().invoke(cli, ["paln"])

    assert result.exit_code == 2
    assert "there is no command 'paln': did you mean 'plan'?" in result.stderr


@pytest.mark.parametrize("stage", ["../outside", "a b", "1st", "x" * 65, ""])
def test_a_stage_that_is_no_name_is_refused_before_anything_is_made(
    run: Run, provider: Capable, tmp_path: Path, stage: str
) -> None:
    before = sorted(tmp_path.parent.iterdir())
    result = run(SOUND, "dev", "--stage", stage)

    assert result.exit_code == 2
    assert "must be letters, digits and hyphens, a letter first" in result.stderr
    assert provider.asked == []
    assert sorted(tmp_path.parent.iterdir()) == before
    assert not (tmp_path / ".isthmus").exists()


@pytest.mark.parametrize("target", ["local-../outside", "local-a b"])
def test_a_target_whose_stage_is_no_name_keeps_no_secrets(run: Run, provider: Capable, target: str) -> None:
    result = run(SOUND, "secret", "set", "WebhookKey", "--target", target, input=b"x")

    assert result.exit_code == 2
    assert "the stage '" in result.stderr
    assert provider.store.kept == {}


@pytest.mark.parametrize("target", ["local", "-dev", "local-", ""])
def test_a_target_that_is_none_is_a_wrong_use(run: Run, target: str) -> None:
    result = run(SOUND, "plan", "--target", target)

    assert result.exit_code == 2
    assert "reads like PROVIDER-STAGE, such as local-dev" in result.stderr


def test_a_project_without_a_declaration_is_a_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["plan"])

    assert result.exit_code == 2
    assert "there is no infra/app.py in" in result.stderr
    assert "start in the project, or say --app" in result.stderr


def test_a_command_works_from_a_folder_within_the_project(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    within = tmp_path / "a" / "b"
    within.mkdir(parents=True)
    monkeypatch.chdir(within)

    assert run(SOUND, "plan").exit_code == 0


def test_types_writes_the_module_once_and_then_finds_it_up_to_date(run: Run, tmp_path: Path) -> None:
    first, again, check = run(SOUND, "types"), run(SOUND, "types"), run(SOUND, "types", "--check")

    assert [result.exit_code for result in (first, again, check)] == [0, 0, 0]
    assert "functions/resources.py is written." in first.output
    assert "functions/resources.py is up to date." in again.output
    assert "Orders: Table" in (tmp_path / "functions" / "resources.py").read_text()


def test_types_check_fails_where_the_module_is_stale_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    missing = run(SOUND, "types", "--check", "--output", "linked.py")
    (tmp_path / "linked.py").write_text("# old\n")
    stale = run(SOUND, "types", "--check", "--output", "linked.py")

    assert (missing.exit_code, stale.exit_code) == (1, 1)
    assert "linked.py is stale: isthmus types" in stale.stderr
    assert (tmp_path / "linked.py").read_text() == "# old\n"


def test_a_secret_is_set_from_standard_input_and_never_shown(run: Run, provider: Capable) -> None:
    result = run(SOUND, "secret", "set", "WebhookKey", input=b"s3cret\n with spaces ")

    assert result.exit_code == 0
    assert provider.store.kept == {"WebhookKey": ["s3cret\n with spaces "]}
    assert result.output == "WebhookKey is set in stage dev (version 1).\n"


def test_a_secret_is_never_an_argument(run: Run, provider: Capable) -> None:
    result = run(SOUND, "secret", "set", "WebhookKey", "s3cret", input=b"")

    assert result.exit_code == 2
    assert provider.store.kept == {}


def test_a_mistyped_secret_is_refused_with_the_right_one(run: Run, provider: Capable) -> None:
    result = run(SOUND, "secret", "set", "WebhokKey", input=b"x")

    assert result.exit_code == 1
    assert "the app declares no secret 'WebhokKey': did you mean 'WebhookKey'?" in result.stderr
    assert provider.store.kept == {}


@pytest.mark.parametrize(("value", "fault"), [(b"", "is empty"), (b"\xff\xfe", "is not UTF-8")])
def test_a_value_that_cannot_be_is_refused(run: Run, provider: Capable, value: bytes, fault: str) -> None:
    result = run(SOUND, "secret", "set", "WebhookKey", input=value)

    assert result.exit_code == 1
    assert fault in result.stderr
    assert provider.store.kept == {}


def test_secrets_are_listed_by_name_with_those_that_need_a_value(run: Run, provider: Capable) -> None:
    provider.store.kept = {"WebhookKey": ["one", "two"], "Old": ["three"]}
    result = run(SOUND, "secret", "list")

    assert result.stdout.splitlines() == [
        "Old: set (version 1), no longer declared",
        "Other: not set: isthmus secret set Other",
        "WebhookKey: set (version 2)",
    ]


def test_a_secret_is_removed_once(run: Run, provider: Capable) -> None:
    provider.store.kept = {"WebhookKey": ["one"]}
    first, again = run(SOUND, "secret", "remove", "WebhookKey"), run(SOUND, "secret", "remove", "WebhookKey")

    assert (first.exit_code, again.exit_code) == (0, 1)
    assert "WebhookKey has no value in stage dev" in again.stderr


def test_a_provider_that_keeps_no_secrets_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> FakeProvider:
        return FakeProvider()

    monkeypatch.setattr(project_module, "find", find)
    result = run(SOUND, "secret", "list")

    assert result.exit_code == 1
    assert "the secrets of provider 'fake' cannot be managed from here" in result.stderr


def test_dev_gives_the_provider_the_project_the_port_and_the_loopback_address(
    run: Run, provider: Capable, tmp_path: Path
) -> None:
    result = run(SOUND, "dev", "--port", "9000", "--stage", "experiment", "--durability", "power")
    (options,) = provider.asked

    assert result.exit_code == 3
    assert (options.root, options.stage, options.host, options.port) == (tmp_path, "experiment", "127.0.0.1", 9000)
    assert options.durability == "power"
    assert options.app.startswith("commanded_")


@pytest.mark.parametrize("arguments", [("--port", "70000"), ("--port", "x"), ("--host", "0.0.0.0")])
def test_dev_refuses_what_it_cannot_serve(run: Run, provider: Capable, arguments: tuple[str, ...]) -> None:
    assert run(SOUND, "dev", *arguments).exit_code == 2
    assert provider.asked == []


def test_an_error_of_isthmus_own_is_one_line_and_no_traceback(run: Run, provider: Capable) -> None:
    def broken() -> list[SecretInfo]:
        raise ServiceError("the disk is full")

    provider.store.list = broken  # type: ignore[method-assign]
    result = run(SOUND, "secret", "list")

    assert (result.exit_code, result.stderr) == (1, "Error: the disk is full\n")
