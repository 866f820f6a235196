# SPDX-License-Identifier: GPL-3.0-or-later
import sys

import pytest

from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.installers.nvidia_driver import Card, needs_older_cuda, parse_cards, query_driver
from blender_text3d.environment.installers.torch_build import (
    BUILDS,
    build_to_install,
    expected_gb,
    require_macos,
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


def test_gpu_builds_need_more_space(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    assert expected_gb("cpu") < expected_gb("default") < expected_gb("rocm7.2")
    monkeypatch.setattr("sys.platform", "darwin")
    assert expected_gb("default") == expected_gb("cpu")
