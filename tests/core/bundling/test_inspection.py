from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.bundling.bundle import BundleError
from isthmus.bundling.inspection import fits
from isthmus.bundling.platform import Platform
from tests.core.bundling.projects import HANDLER, PLATFORM, Project, names

X86, ARM = 62, 183


def elf(machine: int) -> bytes:
    return b"\x7fELF\x02\x01\x01" + b"\0" * 9 + (3).to_bytes(2, "little") + machine.to_bytes(2, "little") + b"\0" * 44


@pytest.mark.parametrize(
    ("tag", "fitting"),
    [
        ("py3-none-any", True),
        ("py2.py3-none-any", False),  # a wheel lists both by themselves
        ("cp312-cp312-manylinux_2_17_aarch64", True),
        ("cp312-cp312-manylinux2014_aarch64", True),
        ("cp312-cp312-manylinux_2_34_aarch64", True),
        ("cp312-cp312-manylinux_2_35_aarch64", False),
        ("cp38-abi3-manylinux_2_28_aarch64", True),
        ("cp313-abi3-manylinux_2_28_aarch64", False),
        ("cp311-cp311-manylinux_2_17_aarch64", False),
        ("cp312-cp312-manylinux_2_17_x86_64", False),
        ("cp312-cp312-musllinux_1_2_aarch64", False),
        ("cp312-cp312-macosx_11_0_arm64", False),
    ],
)
def test_a_wheel_fits_by_its_tag(tag: str, fitting: bool) -> None:
    assert fits(tag, Platform(python=(3, 12), arch="arm64", glibc=(2, 34))) is fitting


def test_the_tags_of_a_platform_are_those_that_pip_knows() -> None:
    tags = Platform(arch="x86_64", glibc=(2, 26)).tags

    assert tags[0] == "manylinux_2_26_x86_64"
    assert {"manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64"} <= set(tags)


def test_a_module_compiled_for_another_machine_is_told(project: Project) -> None:
    project.write({"desk/a.py": HANDLER, "desk/fast.cpython-311-aarch64-linux-gnu.so": elf(ARM)})
    project.write({"desk/b.py": f"from desk import fast\n{HANDLER}"})
    project.write({"desk/fast.abi3.so": elf(ARM)})

    with pytest.raises(BundleError, match=r"desk/fast\.abi3\.so is compiled for another machine; .* on x86_64"):
        project.build("desk.b.handle", arch="x86_64")


def test_what_is_compiled_for_a_machine_that_is_not_this_one_is_inspected_and_not_imported(project: Project) -> None:
    machine, arch = (X86, "x86_64") if PLATFORM.arch == "arm64" else (ARM, "arm64")
    project.write(
        {"desk/b.py": f"from desk import fast\nraise ValueError\n{HANDLER}", "desk/fast.abi3.so": elf(machine)}
    )

    assert "desk/fast.abi3.so" in names(project.build("desk.b.handle", arch=arch))


def test_a_missing_distribution_is_told_without_an_import(project: Project, tmp_path: Path) -> None:
    project.write({"desk/a.py": f"import pytest\n{HANDLER}", "requirements.lock": "other==1\n"})

    with pytest.raises(BundleError, match=r"desk/a\.py:1: pytest comes with pytest, which requirements\.lock"):
        project.build("desk.a.handle", python=(3, 99))
