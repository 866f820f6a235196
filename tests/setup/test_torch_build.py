# SPDX-License-Identifier: GPL-3.0-or-later
import sys

import pytest

from blender_text3d.setup.problem import SetupFailed
from blender_text3d.setup.torch_build import expected_gb, refuse_old_macs, torch_attempts, torch_build


def test_a_build_that_the_user_names_is_taken_as_it_is():
    assert torch_build("cu126") == "cu126" and torch_build("default") == "default"


@pytest.mark.skipif(sys.platform != "linux", reason="about Linux")
def test_linux_without_an_nvidia_driver_gets_the_cpu_build(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.path.exists", lambda path: False)
    assert torch_build() == "cpu"


@pytest.mark.skipif(sys.platform != "linux", reason="about Linux")
def test_linux_with_an_nvidia_driver_gets_the_indexs_own_build(tmp_path, monkeypatch):
    smi = tmp_path / "nvidia-smi"
    smi.write_text("#!/bin/sh\n")
    smi.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert torch_build() == "default"


def test_the_users_own_source_is_tried_before_pytorchs():
    first, second = torch_attempts("torch==1.2.3", "cpu")
    assert first[-1] == second[-1] == "torch==1.2.3+cpu"
    assert "--index-url" not in first and "--index-url" in second


@pytest.mark.parametrize(
    ("machine", "release", "said"),
    [
        ("x86_64", "15.1", "no build for Macs with an Intel"),
        ("arm64", "13.6", "needs macOS 14, and this is macOS 13.6"),
    ],
)
def test_macs_that_pytorch_has_no_build_for_are_told_before_anything_is_downloaded(monkeypatch, machine, release, said):
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("platform.mac_ver", lambda: (release, (), ""))
    with pytest.raises(SetupFailed, match=said):
        refuse_old_macs("default")
    refuse_old_macs("own")


def test_builds_with_graphics_cards_libraries_ask_for_more_room(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    assert expected_gb("cpu") < expected_gb("default") < expected_gb("rocm7.2")
    monkeypatch.setattr("sys.platform", "darwin")
    assert expected_gb("default") == expected_gb("cpu")
