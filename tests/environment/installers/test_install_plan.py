# SPDX-License-Identifier: GPL-3.0-or-later
"""The exact command lines of every way to install the packages."""

from pathlib import Path

import pytest

from blender_text3d.environment.installers.install_plan import InstallStep, PackageSource, install_steps
from blender_text3d.environment.requirements import Packages

WHEELS = ("--only-binary", ":all:")
HASHED = (*WHEELS, "--no-deps", "--require-hashes")
PYTORCH = "https://download.pytorch.org/whl/"
KIT = ("--no-index", "--find-links", "/kit/wheels")
CUSTOM = "installed without a known hash: your own package source has another build than the public indexes."


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder of requirements files: CPU, CUDA and public builds."""
    for name in ("worker", "torch_cpu", "torch_cu130", "torch_default", "needs_cuda13"):
        (tmp_path / f"{name}.txt").touch()
    return tmp_path


@pytest.fixture
def packages(folder) -> Packages:
    return Packages(("numpy>=2", "torch==2.1"), ("torch",), 1.0, hashed=folder)


def base(folder) -> InstallStep:
    return InstallStep("the packages", ((*HASHED, "-r", f"{folder}/worker.txt"),), ("",))


def test_pytorchs_own_build_comes_last_from_its_index_with_its_hash(packages, folder):
    torch = (*HASHED, "-r", f"{folder}/torch_cpu.txt")
    assert install_steps(packages, PackageSource("cpu")) == [
        base(folder),
        InstallStep("PyTorch", (("--index-url", f"{PYTORCH}cpu", *torch),), ("",)),
    ]


def test_the_dependencies_of_a_build_come_before_it_from_the_public_index(packages, folder):
    assert install_steps(packages, PackageSource("cu130")) == [
        base(folder),
        InstallStep("PyTorch's dependencies", ((*HASHED, "-r", f"{folder}/needs_cuda13.txt"),), ("",)),
        InstallStep(
            "PyTorch", (("--index-url", f"{PYTORCH}cu130", *HASHED, "-r", f"{folder}/torch_cu130.txt"),), ("",)
        ),
    ]


def test_a_custom_source_is_tried_first_with_the_hash_and_last_without_it(packages, folder):
    torch = (*HASHED, "-r", f"{folder}/torch_cpu.txt")
    assert install_steps(packages, PackageSource("cpu", is_custom=True))[1:] == [
        InstallStep(
            "PyTorch",
            (torch, ("--index-url", f"{PYTORCH}cpu", *torch), (*WHEELS, "torch==2.1+cpu")),
            ("", "", f"PyTorch cpu was {CUSTOM}"),
        )
    ]


@pytest.mark.parametrize("is_custom", [False, True])
def test_the_public_build_comes_with_its_dependencies(is_custom, packages, folder):
    hashed = (*HASHED, "-r", f"{folder}/needs_cuda13.txt", "-r", f"{folder}/torch_default.txt")
    unhashed, note = ((*WHEELS, "torch==2.1"),), (f"PyTorch was {CUSTOM}",)
    assert install_steps(packages, PackageSource("default", is_custom=is_custom)) == [
        base(folder),
        InstallStep("PyTorch", (hashed, *(unhashed if is_custom else ())), ("", *(note if is_custom else ()))),
    ]


def test_an_unknown_build_is_installed_and_noted(packages, folder):
    note = "PyTorch cu999 was installed without a known hash: the add-on has none for this build."
    assert install_steps(packages, PackageSource("cu999")) == [
        base(folder),
        InstallStep(
            "PyTorch",
            ((*WHEELS, "torch==2.1+cu999"), (*WHEELS, "--index-url", f"{PYTORCH}cu999", "torch==2.1+cu999")),
            (note, note),
        ),
    ]


def test_the_users_own_index_is_the_only_source_and_noted(packages, folder):
    note = "PyTorch was installed without a known hash: it comes from the index that you chose."
    assert install_steps(packages, PackageSource("own", "https://mine")) == [
        base(folder),
        InstallStep("PyTorch", ((*WHEELS, "--index-url", "https://mine", "torch==2.1"),), (note,)),
    ]


@pytest.mark.parametrize(
    ("kit_torch", "files"), [("2.1+cpu", ["torch_cpu"]), ("2.1", ["needs_cuda13", "torch_default"])]
)
def test_a_kit_is_checked_by_the_hashes_of_its_own_build_whatever_was_requested(kit_torch, files, packages, folder):
    source = PackageSource("cu130", is_custom=True, kit_wheels="/kit/wheels", kit_torch=kit_torch)
    arguments = [argument for file in files for argument in ("-r", f"{folder}/{file}.txt")]
    assert install_steps(packages, source) == [
        InstallStep("the packages", ((*KIT, *HASHED, "-r", f"{folder}/worker.txt"),), ("",)),
        InstallStep("PyTorch", ((*KIT, *HASHED, *arguments),), ("",)),
    ]


UNHASHED = Packages(("numpy>=2", "torch==2.1"), ("torch",), 1.0)
REST = ("numpy>=2", "torch==2.1")


def test_packages_without_hashes_need_no_step_for_the_public_pytorch():
    assert install_steps(UNHASHED, PackageSource("default")) == [
        InstallStep("the packages", ((*WHEELS, *REST),), ("",))
    ]
    assert install_steps(Packages(("numpy>=2",), (), 1.0), PackageSource("cpu")) == [
        InstallStep("the packages", ((*WHEELS, "numpy>=2"),), ("",))
    ]


def test_packages_without_hashes_get_another_pytorch_first_and_no_note():
    assert install_steps(UNHASHED, PackageSource("cpu")) == [
        InstallStep(
            "PyTorch",
            ((*WHEELS, "torch==2.1+cpu"), (*WHEELS, "--index-url", f"{PYTORCH}cpu", "torch==2.1+cpu")),
            ("", ""),
        ),
        InstallStep("the packages", ((*WHEELS, *REST),), ("",)),
    ]


def test_packages_without_hashes_come_from_a_kit_alone():
    source = PackageSource("cpu", kit_wheels="/kit/wheels", kit_torch="2.1+cu130")
    assert install_steps(UNHASHED, source) == [
        InstallStep("PyTorch", ((*KIT, *WHEELS, "torch==2.1+cu130"),), ("",)),
        InstallStep("the packages", ((*KIT, *WHEELS, *REST),), ("",)),
    ]
