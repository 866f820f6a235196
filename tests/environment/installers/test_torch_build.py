# SPDX-License-Identifier: GPL-3.0-or-later
import sys

import pytest

from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.installers.nvidia_driver import Card, needs_older_cuda, parse_cards, query_driver
from blender_text3d.environment.installers.torch_build import (
    BUILDS,
    build_from_version,
    build_to_install,
    expected_gb,
    needs_other_build,
    requested_build_text,
    require_macos,
    supports_cuda,
    torch_build,
    torch_install_attempts,
)


def test_a_chosen_build_is_used():
    assert torch_build("cu126") == "cu126"
    assert torch_build("default") == "default"


@pytest.mark.skipif(sys.platform != "linux", reason="about Linux")
def test_linux_without_an_nvidia_driver_gets_the_cpu_build(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.path.exists", lambda path: False)
    assert torch_build() == "cpu"


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """Replace nvidia-smi by a program with the given output."""

    def answer(text, code=0):
        smi = tmp_path / "nvidia-smi"
        smi.write_text(f"#!/bin/sh\necho '{text}'\necho \"$@\" > '{tmp_path}/asked'\nexit {code}\n")
        smi.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return answer


@pytest.mark.skipif(sys.platform != "linux", reason="about Linux")
@pytest.mark.parametrize(
    ("answer", "code", "build"),
    [
        ("8.6, 580.65.06", 0, "default"),
        ("12.0, 590.11", 0, "default"),
        ("6.1, 580.65.06", 0, "cu126"),  # GTX 1080: CUDA 13 has no kernels for it
        ("8.9, 550.54.14", 0, "cu126"),  # a driver that knows no CUDA 13
        ("6.1, 580.65.06\n8.6, 580.65.06", 0, "default"),  # the better one is used
        ("12.0, 570.86.10", 0, "default"),  # CUDA 12.6 has no kernels for it: the doctor says to renew the driver
        ('Field "compute_cap" is not a valid field to query.', 2, "cu126"),
        ("NVIDIA-SMI has failed", 9, "default"),
        ("", 0, "default"),
    ],
)
def test_the_drivers_answer_selects_the_build(answer, code, build, driver, tmp_path):
    driver(answer, code)
    assert torch_build() == "default"  # without asking it
    assert not (tmp_path / "asked").exists()
    assert build_to_install() == build
    assert "--query-gpu=compute_cap,driver_version" in (tmp_path / "asked").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="about Linux")
def test_the_driver_is_not_queried_for_a_chosen_build(driver, tmp_path):
    driver("6.1, 580.65.06")
    assert [build_to_install(wish) for wish in ("cpu", "cu130", "default")] == ["cpu", "cu130", "default"]
    assert not (tmp_path / "asked").exists()


def test_a_driver_that_does_not_respond_is_ignored(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "blender_text3d.environment.installers.nvidia_driver.QUERY",
        (sys.executable, "-c", "import time; time.sleep(600)"),
    )
    monkeypatch.setattr("blender_text3d.environment.installers.nvidia_driver.TIMEOUT_S", 0.2)
    assert query_driver() is None
    monkeypatch.setattr(
        "blender_text3d.environment.installers.nvidia_driver.QUERY", (str(tmp_path / "no such program"),)
    )
    assert query_driver() is None
    assert not needs_older_cuda(None)


def test_line_endings_of_windows_are_parsed():
    assert parse_cards("7.5, 581.29\r\n5.2, 581.29\r\n") == [Card(7.5, 581), Card(5.2, 581)]


def test_windows_with_an_old_card_gets_the_older_cuda(monkeypatch):
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("os.name", "nt")
    monkeypatch.setattr("platform.machine", lambda: "AMD64")
    monkeypatch.setattr("shutil.which", lambda name: "nvidia-smi.exe")
    monkeypatch.setattr("blender_text3d.environment.installers.torch_build.query_driver", lambda: [Card(6.1, 580)])
    assert torch_build() == "cu130"
    assert build_to_install() == "cu126"


def test_a_mac_has_one_build(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    assert {build_to_install(name) for name, _, _ in BUILDS} == {"default", "own"}


def test_the_users_source_is_tried_before_pytorchs():
    first, second = torch_install_attempts("torch==1.2.3", "cpu")
    assert first[-1] == second[-1] == "torch==1.2.3+cpu"
    assert "--index-url" not in first
    assert "--index-url" in second


@pytest.mark.parametrize(
    ("machine", "release", "message"),
    [
        ("x86_64", "15.1", "no build for Macs with an Intel"),
        ("arm64", "13.6", "requires macOS 14, but this is macOS 13.6"),
    ],
)
def test_macs_without_a_pytorch_build_are_refused(monkeypatch, machine, release, message):
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("platform.mac_ver", lambda: (release, (), ""))
    with pytest.raises(SetupFailed, match=message):
        require_macos("default")
    require_macos("own")


@pytest.fixture
def machine(monkeypatch):
    """A function that replaces the system and its NVIDIA driver."""

    def machine(system, *, has_nvidia=False, cpu="x86_64", cards=None):
        monkeypatch.setattr("sys.platform", system)
        monkeypatch.setattr("os.name", "nt" if system == "win32" else "posix")
        monkeypatch.setattr("platform.machine", lambda: cpu)
        monkeypatch.setattr("shutil.which", lambda name: "smi" if name == "nvidia-smi" and has_nvidia else None)
        monkeypatch.setattr("os.path.exists", lambda path: False)
        monkeypatch.setattr("blender_text3d.environment.installers.torch_build.query_driver", lambda: cards)

    return machine


@pytest.mark.parametrize(
    ("system", "has_nvidia", "cpu", "build"),
    [
        ("linux", False, "x86_64", "cpu"),
        ("linux", True, "x86_64", "default"),
        ("win32", False, "AMD64", "default"),
        ("win32", True, "AMD64", "cu130"),
        ("win32", True, "ARM64", "default"),
        ("darwin", False, "arm64", "default"),
    ],
)
def test_the_automatic_build_is_that_of_the_machine(system, has_nvidia, cpu, build, machine):
    machine(system, has_nvidia=has_nvidia, cpu=cpu)
    assert torch_build() == torch_build("auto") == build


def test_a_loaded_driver_without_its_program_counts_on_linux(machine, monkeypatch):
    machine("linux")
    monkeypatch.setattr("os.path.exists", lambda path: path == "/proc/driver/nvidia/version")
    assert torch_build() == "default"


@pytest.mark.parametrize(
    ("system", "requested", "build"),
    [("linux", "auto", "cu126"), ("linux", "default", "default"), ("linux", "cu130", "cu130"), ("linux", "cpu", "cpu"),
     ("win32", "auto", "cu126"), ("darwin", "auto", "default"), ("darwin", "cpu", "default"), ("darwin", "own", "own")],
)  # fmt: skip
def test_only_an_automatic_build_for_cuda_13_is_replaced_for_an_old_card(system, requested, build, machine):
    machine(system, has_nvidia=True, cpu="AMD64", cards=[Card(6.1, 580)])
    assert build_to_install(requested) == build


def test_a_request_is_stored_with_the_index_of_a_custom_build_only():
    assert requested_build_text("cpu", "/wheels") == "cpu"
    assert requested_build_text("own", "/my wheels") == "own /my wheels"
    assert requested_build_text("own") == "own"


@pytest.mark.parametrize(
    ("requested", "index", "old_request", "old_build", "has_nvidia", "needs"),
    [
        ("own", "/a", "own /a", "own", False, False),
        ("own", "/b", "own /a", "own", False, True),
        ("own", "/a", "cpu", "cpu", False, True),
        ("cpu", "", "cpu", "cpu", False, False),
        ("auto", "", "auto", "cpu", False, False),
        ("auto", "", "auto", "cpu", True, True),  # a driver was installed
        ("auto", "", "auto", "default", True, False),
        ("auto", "", "auto", "cu126", True, False),
        ("auto", "", "auto", "default", False, False),  # the driver was removed: the build still works
        ("auto", "", "", "cpu", False, False),  # from a kit
        ("auto", "", "", "cpu", True, True),
        ("default", "", "", "cpu", False, True),
        ("cpu", "", "", "cpu", False, False),
        ("cpu", "", "", "default", False, True),
        ("cpu", "", "auto", "cpu", False, False),
        ("cpu", "", "auto", "default", True, True),
        ("cu126", "", "auto", "cu126", True, False),
        ("auto", "", "cu126", "cu126", True, False),
        ("auto", "", "cu126", "cu126", False, True),
        ("default", "", "cu126", "cu126", True, True),
        ("auto", "", "cu130", "cu130", True, True),
        ("rocm7.2", "", "auto", "cpu", False, True),
    ],
)
def test_another_build_is_needed_if_the_request_or_the_machine_has_changed(
    requested, index, old_request, old_build, has_nvidia, needs, machine
):
    machine("linux", has_nvidia=has_nvidia)
    assert needs_other_build(requested, index, old_request, old_build) is needs


def test_windows_keeps_the_older_cuda_that_the_automatic_choice_would_take(machine):
    machine("win32", has_nvidia=True, cpu="AMD64")
    assert not needs_other_build("auto", "", "cu126", "cu126")
    assert needs_other_build("cu130", "", "cu126", "cu126")


@pytest.mark.parametrize(("version", "build"), [("2.13.0+cpu", "cpu"), ("2.13.0", "default"), ("2.13.0+", "default")])
def test_the_build_is_the_local_part_of_a_version(version, build):
    assert build_from_version(version) == build


@pytest.mark.parametrize(
    ("build", "on_linux", "elsewhere"),
    [("cu126", True, True), ("cpu", False, False), ("rocm7.2", False, False), ("default", True, False),
     ("own", True, False)],
)  # fmt: skip
def test_cuda_builds_and_linux_s_public_build_support_nvidia(build, on_linux, elsewhere, machine):
    machine("linux")
    assert supports_cuda(build) is on_linux
    for system in ("win32", "darwin"):
        machine(system)
        assert supports_cuda(build) is elsewhere


@pytest.mark.parametrize(
    ("system", "sizes"),
    [("linux", {"cpu": 2.0, "default": 7.5, "own": 7.5, "cu126": 7.5, "rocm7.2": 14.0}),
     ("win32", {"cpu": 2.0, "default": 2.0, "cu130": 7.5}), ("darwin", {"default": 2.0})],
)  # fmt: skip
def test_the_expected_size_is_that_of_the_build(system, sizes, machine):
    machine(system)
    assert {build: expected_gb(build) for build in sizes} == sizes


@pytest.mark.parametrize("release", ["14.0", "14", "26.1", ""])
def test_macs_from_macos_14_on_or_of_an_unknown_release_are_accepted(release, machine, monkeypatch):
    machine("darwin", cpu="arm64")
    monkeypatch.setattr("platform.mac_ver", lambda: (release, (), ""))
    require_macos("default")


def test_other_systems_are_not_asked_for_macos(machine, monkeypatch):
    machine("linux", cpu="x86_64")
    monkeypatch.setattr("platform.mac_ver", lambda: ("10.1", (), ""))
    require_macos("default")


def test_an_intel_mac_is_told_what_to_do_instead(machine):
    machine("darwin", cpu="x86_64")
    with pytest.raises(SetupFailed) as caught:
        require_macos("cpu")
    assert caught.value.problem.fix == (
        "Choose a Python with PyTorch as Python Override in the add-on's preferences, or use another Mac."
    )


def test_the_exact_attempts_for_each_build(tmp_path):
    url = "https://download.pytorch.org/whl/cu130"
    assert torch_install_attempts("torch==1", "cu130") == [
        ("torch==1+cu130",), ("--index-url", url, "torch==1+cu130")]  # fmt: skip
    assert torch_install_attempts("torch==1", "own", "https://mine") == [("--index-url", "https://mine", "torch==1")]
    assert torch_install_attempts("torch==1", "own", str(tmp_path)) == [("--find-links", str(tmp_path), "torch==1")]


def test_the_preferences_offer_these_builds_in_this_order():
    assert [name for name, _, _ in BUILDS] == ["auto", "cpu", "cu130", "cu126", "rocm7.2", "default", "own"]
    assert [label for _, label, _ in BUILDS] == [
        "Automatic", "CPU Only", "NVIDIA CUDA 13.0", "NVIDIA CUDA 12.6", "AMD ROCm 7.2", "Package Index",
        "Custom Index",
    ]  # fmt: skip
