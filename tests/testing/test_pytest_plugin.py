"""The pytest plugin, in a pytest of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

APP = """
from isthmus import App, HttpRequest, Resource, Message

def app(target):
    app = App("shop", removal="remove")
    stock = app.table("Stock", fields={"id": "string"}, primary_index="id")
    work = app.queue("Work", max_attempts=1)
    work.subscribe("infra.app.reserve", link=[stock])
    app.api("Api").route("POST /orders", "infra.app.create", link=[work])
    return app

def create(request: HttpRequest):
    Resource.Work.send(request.json())
    return {"ok": True}

def reserve(message: Message):
    if message.json()["id"] == "bad":
        raise ValueError("no such thing")
    Resource.Stock.update(message.json()["id"], set={"reserved": 1})
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.mkdir("infra").joinpath("app.py").write_text(APP)
    return pytester


def test_the_app_runs_for_a_test_and_is_new_for_the_next(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_an_order_reaches_inventory(app):
            assert app.resource("Stock").get("a") is None
            assert app.post("/orders", json={"id": "a"}).status == 200
            app.wait_until(lambda: app.resource("Stock").get("a")["reserved"] == 1)

        test_again = test_an_order_reaches_inventory
        """
    )

    project.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_a_failure_tells_the_seed_and_what_failed_meanwhile(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_bad(app, isthmus_seed):
            assert isthmus_seed == 77
            app.post("/orders", json={"id": "bad"})
            app.wait_until(lambda: app.dead_letters("Work"))
            app.wait_until(lambda: app.resource("Stock").get("bad"), timeout=0.1)
        """
    )
    result = project.runpytest_subprocess("-p", "no:cacheprovider", "--isthmus-seed=77")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*waited 0.1 s in vain for:*", "*dead letter of Work*ValueError: no such thing*"])
    result.stdout.fnmatch_lines(["run it again with --isthmus-seed=77"])


def test_faults_are_what_a_fixture_makes_of_them(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        from dataclasses import replace
        import pytest
        from isthmus.testing import FakeClock

        @pytest.fixture
        def isthmus_faults(isthmus_faults):
            return replace(isthmus_faults, clock=FakeClock()).calm()
        """
    )
    project.makepyfile(
        """
        def test_time_is_mine(app):
            app.send("Work", {"id": "a"}, delay=100)
            app.advance(99)
            assert app.resource("Stock").get("a") is None
            app.advance(1)
            assert app.resource("Stock").get("a")
        """
    )

    project.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_the_declaration_may_be_elsewhere(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nisthmus_app = other.py:shop")
    project.makepyfile(other="from infra.app import app as shop")
    project.makepyfile("def test_it(app): assert app.post('/orders', json={'id': 'a'}).status == 200")

    project.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_a_missing_declaration_is_told(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nisthmus_app = nowhere.py")
    project.makepyfile("def test_it(app): pass")
    result = project.runpytest_subprocess("-p", "no:cacheprovider")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*nowhere.py*"])


def test_an_unknown_provider_is_told_with_the_known_ones(project: pytest.Pytester) -> None:
    project.makepyfile("def test_it(app): pass")
    result = project.runpytest_subprocess("-p", "no:cacheprovider", "--isthmus-provider=moon")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*'moon'*local*"])


def test_loading_the_plugin_loads_next_to_nothing_of_isthmus() -> None:
    code = "import sys, isthmus.testing.pytest_plugin; print(*[m for m in sys.modules if m.startswith('isthmus')])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert set(loaded) == {"isthmus", "isthmus._typing", "isthmus.testing", "isthmus.testing.pytest_plugin"}
