# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that the worker's Python runs to report its packages and devices."""

import json
import os
import platform
import sys
from types import SimpleNamespace

import pytest

from blender_text3d.doctor.checks import probe


class Torch:
    """A double of PyTorch with the devices of a machine."""

    __version__ = "2.13.0+cu130"

    def __init__(self, devices=(), *, cuda="13.0", has_mps=False, error=None, **version):
        self.version = SimpleNamespace(cuda=cuda, **version)
        self.backends = SimpleNamespace(mps=SimpleNamespace(is_available=lambda: has_mps))
        self.cuda = SimpleNamespace(device_count=lambda: len(devices), get_device_name=lambda index: devices[index])
        self.error, self.tried = error, []

    def zeros(self, size, device):
        self.tried.append((size, device))
        if self.error:
            raise self.error


@pytest.fixture
def facts(monkeypatch, capsys):
    """A function that runs the probe for modules, with a double of PyTorch."""

    def facts(modules, torch=None):
        monkeypatch.setitem(sys.modules, "torch", torch or Torch())
        probe.main(modules)
        output = capsys.readouterr().out
        assert output.startswith("\n")
        assert output.endswith("\n")
        return json.loads(output.splitlines()[-1])

    return facts


def test_without_pytorch_only_python_threads_and_rerun_are_told(facts, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    monkeypatch.setattr(probe, "package_version", lambda package: f"version of {package}")
    assert facts(["json"]) == {
        "python": platform.python_version(),
        "broken": {},
        "threads": 12,
        "rerun": "version of rerun-sdk",
    }
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert facts([])["threads"] == 1


def test_a_module_that_cannot_be_imported_is_told_with_the_first_line_of_its_error(facts, tmp_path, monkeypatch):
    (tmp_path / "damaged_one.py").write_text("raise ValueError('first\\nsecond')")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert facts(["json", "damaged_one", "nosuchmodule"])["broken"] == {
        "damaged_one": "ValueError: first",
        "nosuchmodule": "ModuleNotFoundError: No module named 'nosuchmodule'",
    }


def test_a_broken_pytorch_has_no_facts(facts, monkeypatch):
    real = probe.importlib.import_module

    def import_module(name):
        if name == "torch":
            raise OSError("libcudart is missing")
        return real(name)

    monkeypatch.setattr(probe.importlib, "import_module", import_module)
    found = facts(["torch"])
    assert found["broken"] == {"torch": "OSError: libcudart is missing"}
    assert "cuda" not in found


def test_the_cards_are_told_if_one_can_be_used(facts):
    torch = Torch(["H100", "T4"])
    found = facts(["torch"], torch)
    assert {name: found[name] for name in ("torch", "cuda", "hip", "mps", "devices", "why")} == {
        "torch": "2.13.0+cu130", "cuda": "13.0", "hip": "", "mps": False, "devices": ["H100", "T4"], "why": "",
    }  # fmt: skip
    assert torch.tried == [(1, "cuda")]


def test_cards_that_cannot_be_used_are_none_and_the_reason_is_one_line(facts):
    found = facts(["torch"], Torch(["H100"], error=RuntimeError("no kernel image\nmore")))
    assert (found["devices"], found["why"]) == ([], "no kernel image")


def test_other_builds_are_told_as_well(facts):
    torch = Torch(cuda=None, has_mps=True, hip="7.2")
    found = facts(["torch"], torch)
    assert (found["cuda"], found["hip"], found["mps"], found["devices"]) == ("", "7.2", True, [])
    assert torch.tried == [(1, "cpu")]
    assert facts(["torch"], Torch(hip=None))["hip"] == ""


def test_the_version_of_a_package_is_that_of_its_metadata():
    assert probe.package_version("pytest") == pytest.__version__
    assert probe.package_version("no-such-package") == ""
