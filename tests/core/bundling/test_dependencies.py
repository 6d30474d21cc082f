from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from isthmus.bundling.build import build
from isthmus.bundling.bundle import BundleError
from isthmus.bundling.cache import Cache
from isthmus.bundling.start import Start
from tests.core.bundling.projects import HANDLER, PLATFORM, Project, content, install, names, wheel

INK = {
    "ink/__init__.py": "from paper import WHITE\n",
    "ink/tests/__init__.py": "",
    "ink/stub.pyi": "",
    "ink/a.txt": "a",
}
PAPER = {"paper.py": "WHITE = 1\n"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with a cache of its own: each test has other wheels of the same names."""
    return Project(tmp_path / "project", Cache(tmp_path / "cache"))


def publish(wheels: Path, site: Path) -> None:
    """Let `ink`, which requires `paper`, be installed here, and both of them be found by installers."""
    wheel(wheels, "ink", INK, requires=["paper>=1"])
    wheel(wheels, "paper", PAPER)
    install(site, "ink", INK, requires=["paper>=1"])
    install(site, "paper", PAPER)


def test_a_distribution_comes_with_what_it_requires_without_tests_and_stubs(
    project: Project, wheels: Path, site: Path
) -> None:
    publish(wheels, site)
    project.write({"desk/a.py": f"import ink\n{HANDLER}", "requirements.lock": "ink==1.0\npaper==1.0\n"})

    bundle = project.build("desk.a.handle")

    found = names(bundle)
    assert {"ink/__init__.py", "ink/a.txt", "paper.py", "ink-1.0.dist-info/METADATA"} <= set(found)
    assert not [name for name in found if name.endswith((".pyi", "RECORD", "WHEEL")) or "/tests/" in name]
    assert {"ink", "paper", "desk", "isthmus"} == set(bundle.parts)


def test_the_lock_says_which_version(project: Project, wheels: Path, site: Path) -> None:
    publish(wheels, site)
    wheel(wheels, "ink", {"ink/__init__.py": "NEW = 2\n"}, version="2.0")
    project.write({"desk/a.py": f"import ink\n{HANDLER}", "requirements.lock": "ink==2.0 # the newest\n"})

    assert content(project.build("desk.a.handle"), "ink/__init__.py") == b"NEW = 2\n"


def test_without_a_lock_what_is_installed_here_says_which_version(project: Project, wheels: Path, site: Path) -> None:
    publish(wheels, site)
    wheel(wheels, "ink", {"ink/__init__.py": "NEW = 2\n"}, version="2.0")
    project.write({"desk/a.py": f"import ink\n{HANDLER}"})

    assert "ink-1.0.dist-info/METADATA" in names(project.build("desk.a.handle"))


def test_what_the_lock_does_not_pin_is_told_with_who_imports_it(project: Project, wheels: Path, site: Path) -> None:
    publish(wheels, site)
    project.write({"desk/a.py": f"\nimport ink\n{HANDLER}", "requirements.lock": "other==1.0\n"})

    with pytest.raises(BundleError, match=r"desk/a\.py:2: ink comes with ink, which requirements\.lock does not pin"):
        project.build("desk.a.handle")


def test_what_is_required_and_not_pinned_is_told(project: Project, wheels: Path, site: Path) -> None:
    publish(wheels, site)
    project.write({"desk/a.py": f"import ink\n{HANDLER}", "requirements.lock": "ink==1.0\n"})

    with pytest.raises(BundleError, match=r"requirements\.lock: paper is required, and not pinned"):
        project.build("desk.a.handle")


def test_a_version_without_a_wheel_that_fits_is_told(project: Project, wheels: Path, site: Path) -> None:
    install(site, "ink", INK)
    wheel(wheels, "ink", INK, tag="cp311-cp311-win_amd64")
    project.write({"desk/a.py": f"import ink\n{HANDLER}", "requirements.lock": "ink==1.0\n"})

    with pytest.raises(
        BundleError, match=r"(?s)ink: .*A bundle takes wheels alone, for CPython 3\.\d+, x86_64, glibc 2\.17"
    ):
        project.build("desk.a.handle")


def test_a_hash_of_the_lock_is_checked(project: Project, wheels: Path, site: Path) -> None:
    publish(wheels, site)
    project.write({"desk/a.py": f"import paper\n{HANDLER}"})
    project.write({"requirements.lock": "paper==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n"})

    with pytest.raises(BundleError, match=r"(?i)hash"):
        project.build("desk.a.handle")


def test_what_the_runtime_has_stays_out_unless_the_project_brings_it(
    project: Project, wheels: Path, site: Path
) -> None:
    install(site, "supplied", {"supplied.py": ""})
    wheel(wheels, "supplied", {"supplied.py": "OWN = 1\n"})
    project.write({"desk/a.py": f"import supplied\n{HANDLER}", "requirements.lock": "supplied==1.0\n"})

    without = project.build("desk.a.handle")
    project.write({"pyproject.toml": '[tool.isthmus.bundle]\ndistributions = ["supplied"]\n'})

    assert "supplied.py" not in names(without)
    assert content(project.build("desk.a.handle"), "supplied.py") == b"OWN = 1\n"


def test_what_the_runtime_has_stays_out_where_another_distribution_requires_it(
    project: Project, wheels: Path, site: Path
) -> None:
    for folder, put in ((site, install), (wheels, wheel)):
        put(folder, "ink", {"ink.py": "import supplied\n"}, requires=["supplied"])
        put(folder, "supplied", {"supplied.py": ""})
    project.write({"desk/a.py": f"import ink\n{HANDLER}", "requirements.lock": "ink==1.0\nsupplied==1.0\n"})

    found = names(project.build("desk.a.handle"))

    assert "ink.py" in found
    assert not [name for name in found if name.startswith("supplied")]


def test_an_extra_that_the_project_requires_comes_too(project: Project, wheels: Path, site: Path) -> None:
    for folder, put in ((site, install), (wheels, wheel)):
        put(folder, "ink", {"ink.py": ""}, requires=['paper ; extra == "full"'])
    wheel(wheels, "paper", PAPER)
    project.write({"desk/a.py": f"import ink\n{HANDLER}", "requirements.lock": "ink==1.0\npaper==1.0\n"})
    project.write({"pyproject.toml": '[project]\nname = "p"\nversion = "1"\ndependencies = ["ink[full]>=1"]\n'})

    assert "paper.py" in names(project.build("desk.a.handle"))


def test_a_namespace_of_several_distributions_brings_the_one_that_has_the_module(
    project: Project, wheels: Path, site: Path
) -> None:
    for folder, put in ((site, install), (wheels, wheel)):
        put(folder, "cloud-red", {"cloud/red.py": "RED = 1\n"})
        put(folder, "cloud-blue", {"cloud/blue.py": "BLUE = 1\n"})
    project.write(
        {"desk/a.py": f"from cloud import blue\n{HANDLER}", "requirements.lock": "cloud-red==1.0\ncloud-blue==1.0\n"}
    )

    assert names(project.build("desk.a.handle"), below="cloud/") == ["cloud/blue.py"]


def test_ours_comes_with_what_a_distribution_imports_of_it(project: Project, wheels: Path, site: Path) -> None:
    for folder, put in ((site, install), (wheels, wheel)):
        put(folder, "ink", {"ink.py": "from isthmus import compose\n"})
    project.write({"desk/a.py": f"import ink\n{HANDLER}", "requirements.lock": "ink==1.0\n"})

    assert "isthmus/middleware/compose.py" in names(project.build("desk.a.handle"))


def test_what_ours_needs_for_a_distribution_that_imports_it_comes_along(
    project: Project, wheels: Path, site: Path
) -> None:
    """`isthmus.middleware.jwt` needs PyJWT, which neither the app nor the distribution that uses it names."""
    for folder, put in ((site, install), (wheels, wheel)):
        put(folder, "ink", {"ink.py": "import isthmus.middleware.jwt\n"})
    wheel(wheels, "pyjwt", {"jwt.py": "ENCODED = 1\n"})
    project.write({"desk/a.py": f"import ink\n{HANDLER}", "requirements.lock": "ink==1.0\npyjwt==1.0\n"})

    assert {"ink.py", "jwt.py", "isthmus/middleware/jwt.py"} <= {*names(project.build("desk.a.handle"))}


def test_a_name_of_a_namespace_brings_its_distribution_alone(project: Project, wheels: Path, site: Path) -> None:
    for name, files in {"pens": {"shop/desk/pens.py": "RED = 1\n"}, "nibs": {"shop/desk/nibs/__init__.py": ""}}.items():
        wheel(wheels, name, files)
        install(site, name, files)
    lock = "pens==1.0\nnibs==1.0\n"
    project.write({"desk/a.py": f"from shop.desk import pens\n{HANDLER}", "requirements.lock": lock})

    found = names(project.build("desk.a.handle"))

    assert [name for name in found if name.startswith("shop/")] == ["shop/desk/pens.py"]


def test_a_namespace_by_itself_brings_nothing(project: Project, wheels: Path, site: Path) -> None:
    install(site, "pens", {"shop/desk/pens.py": "RED = 1\n"})
    project.write({"desk/a.py": f"import shop.desk\nfrom shop import desk\n{HANDLER}", "requirements.lock": ""})

    with pytest.raises(BundleError, match="there is no module shop"):
        project.build("desk.a.handle")


def test_a_name_that_a_namespace_does_not_have_is_told(project: Project, wheels: Path, site: Path) -> None:
    install(site, "pens", {"shop/desk/pens.py": "RED = 1\n"})
    project.write({"desk/a.py": f"\nfrom shop.desk import pins\n{HANDLER}"})

    with pytest.raises(BundleError, match=r"desk/a\.py:2: desk\.a imports shop\.desk\.pins, and there is no such"):
        project.build("desk.a.handle")


COURIER = {"courier/__init__.py": "", "courier/entry.py": "def go():\n    import ink\n"}


def test_what_the_providers_own_modules_import_comes_with_a_function_that_may_use_it(
    project: Project, wheels: Path, site: Path
) -> None:
    publish(wheels, site)
    project.write({**COURIER, "desk/a.py": HANDLER, "requirements.lock": "ink==1.0\npaper==1.0\n"})
    platform = replace(PLATFORM, entries=(*PLATFORM.entries, "courier.entry"))
    starts = {"Uses": Start(("desk.a.handle",)), "Plain": Start(("desk.a.handle",), plain=True)}

    built = build(project.root, starts, platform, cache=project.cache)

    assert "ink/__init__.py" in names(built["Uses"])
    assert [name for name in names(built["Plain"]) if name.startswith(("ink", "paper"))] == []


def test_a_file_that_the_runtime_reads_by_its_name_stays_as_it_is(project: Project) -> None:
    project.write({"desk/a.py": HANDLER})
    files = {"main.py": b"from start import handle\n", "start.py": b"handle = None\n", "needs.txt": b"a\n"}

    bundle = project.build("desk.a.handle", files=files, sources=("main.py",))

    assert content(bundle, "main.py") == files["main.py"]
    assert {"start.pyc", "needs.txt"} <= set(names(bundle))
    assert "start.py" not in names(bundle)
