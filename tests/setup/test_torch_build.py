# SPDX-License-Identifier: GPL-3.0-or-later
import sys

import pytest

from blender_text3d.setup.torch_build import torch_attempts, torch_build


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
