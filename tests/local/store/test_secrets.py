from __future__ import annotations

import sqlite3
import stat
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthmus.declarations.app import App
from isthmus.errors import InvalidValueError, ServiceError, TooLargeError
from isthmus_local.secret_store import SecretStore, keep_private
from isthmus_local.store import secrets
from tests.local.desk import NOON, Desk

HIDDEN = "s3cr3t-value"


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    return tmp_path / ".isthmus" / "dev"


@pytest.fixture
def store(stage: Path) -> SecretStore:
    return SecretStore(stage, clock=lambda: NOON)


@pytest.fixture
def server(stage: Path) -> Iterator[Desk]:
    keep_private(stage)
    app = App("shop")
    app.secret("Token")
    desk = Desk(app, stage)
    yield desk
    desk.database.close()


def test_a_secret_is_set_before_the_app_ever_ran(store: SecretStore, stage: Path) -> None:
    assert store.set("Token", HIDDEN) == 1

    desk = Desk(App("shop"), stage)
    assert desk.do(secrets.current, "Token") == HIDDEN
    desk.database.close()


def test_a_running_server_sees_what_another_connection_sets(server: Desk, store: SecretStore) -> None:
    assert server.call("secret.read", "Token") is None
    store.set("Token", "old")
    assert server.call("secret.read", "Token") == "old"
    assert store.set("Token", "new") == 2

    assert server.call("secret.read", "Token") == "new"
    assert store.remove("Token") is True
    assert server.call("secret.read", "Token") is None


def test_a_list_tells_names_and_versions_and_no_value(store: SecretStore) -> None:
    store.set("Token", "a")
    store.set("Token", HIDDEN)
    store.set("Api", HIDDEN)

    assert store.list() == [("Api", 1, NOON), ("Token", 2, NOON)]
    assert HIDDEN not in repr(store.list())
    assert HIDDEN not in repr(store)


def test_removing_what_is_not_there_says_so(store: SecretStore) -> None:
    assert store.remove("Token") is False


@pytest.mark.usefixtures("server")
def test_a_removed_secret_is_overwritten_on_the_disk_while_the_server_runs(store: SecretStore, stage: Path) -> None:
    store.set("Token", HIDDEN)
    assert any(HIDDEN.encode() in file.read_bytes() for file in stage.iterdir())
    store.remove("Token")

    assert not any(HIDDEN.encode() in file.read_bytes() for file in stage.iterdir())


@pytest.mark.parametrize("value", ["", "line\nbreak", "nul\0", "\N{PILE OF POO}", " spaces ", "x" * 65536])
def test_a_value_comes_back_as_it_is(store: SecretStore, server: Desk, value: str) -> None:
    store.set("Token", value)

    assert server.call("secret.read", "Token") == value


def test_a_value_over_64_kb_is_refused_and_not_told(store: SecretStore) -> None:
    with pytest.raises(TooLargeError) as caught:
        store.set("Token", HIDDEN * 10_000)

    assert HIDDEN not in "".join(traceback.format_exception(caught.value))
    assert store.list() == []


def test_a_value_that_is_no_text_is_refused_and_not_told(store: SecretStore) -> None:
    with pytest.raises(InvalidValueError) as caught:
        store.set("Token", HIDDEN + "\ud800")

    assert HIDDEN not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("name", ["", "x" * 256, "line\nbreak", "nul\0"])
def test_what_is_no_name_is_refused(store: SecretStore, name: str) -> None:
    with pytest.raises(InvalidValueError):
        store.set(name, HIDDEN)


def test_the_directory_and_the_files_are_their_owners_alone(store: SecretStore, server: Desk, stage: Path) -> None:
    store.set("Token", HIDDEN)

    assert stat.S_IMODE(stage.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in stage.iterdir() if file.is_file()} == {0o600}


def test_a_directory_that_was_open_to_others_is_closed(stage: Path, store: SecretStore) -> None:
    stage.mkdir(parents=True, mode=0o755)
    (stage / "state.db").touch(0o644)
    store.set("Token", HIDDEN)

    assert stat.S_IMODE(stage.stat().st_mode) == 0o700
    assert stat.S_IMODE((stage / "state.db").stat().st_mode) == 0o600


def test_a_file_that_is_no_database_is_told_without_the_value(store: SecretStore, stage: Path) -> None:
    stage.mkdir(parents=True)
    (stage / "state.db").write_bytes(b"no database " * 1000)

    with pytest.raises(ServiceError) as caught:
        store.set("Token", HIDDEN)

    assert HIDDEN not in str(caught.value)
    assert isinstance(caught.value.__cause__, sqlite3.DatabaseError)


def test_many_writers_at_once_get_versions_of_their_own(store: SecretStore, server: Desk) -> None:
    versions: list[int] = []

    def write(name: int) -> None:
        versions.append(store.set("Token", str(name)))

    threads = [threading.Thread(target=write, args=(name,)) for name in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(versions) == list(range(1, 13))
    assert server.call("secret.read", "Token") is not None
