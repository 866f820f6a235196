# SPDX-License-Identifier: GPL-3.0-or-later
"""The exact advice for each pair of a PyTorch build and a graphics card."""

import pytest

from blender_text3d.doctor.checks import device as device_module
from blender_text3d.doctor.checks.device import NO_DRIVER, device
from blender_text3d.doctor.finding import GOOD, WARN, Finding
from blender_text3d.environment.installers.nvidia_driver import Card

CPU = {"torch": "2.13.0+cpu", "cuda": "", "hip": "", "threads": 4}
CUDA = CPU | {"torch": "2.13.0+cu130", "cuda": "13.0"}
ROCM = CPU | {"torch": "2.13.0+rocm7.2", "hip": "7.2"}
RENEW = "run `python -m blender_text3d.environment renew --torch {}`, or choose {} as PyTorch in the preferences and " \
        "press Set Up Again"  # fmt: skip
CPU_ONLY = RENEW.format("cpu", "CPU Only")


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A function that replaces the cards and drivers; the roots of the file system that were looked at."""
    seen = []

    def machine(vendors=(), *, nvidia_driver=False, amd_driver=False, cards=None):
        def answer(value):
            return lambda root: seen.append(root) or value

        monkeypatch.setattr(device_module.graphics, "card_vendors", answer(set(vendors)))
        monkeypatch.setattr(device_module.graphics, "has_nvidia_driver", answer(nvidia_driver))
        monkeypatch.setattr(device_module.graphics, "has_amd_driver", answer(amd_driver))
        monkeypatch.setattr(device_module, "query_driver", lambda: cards)

    machine.seen = seen
    return machine


def found(bare, facts, tmp_path) -> tuple[str, str, str, str]:
    finding = device(bare, facts, tmp_path)
    assert (finding.check, finding.what, finding.wanted) == ("device", "Device", "a build for the machine's hardware")
    ending = f" (PyTorch {facts['torch']})"
    assert finding.found.endswith(ending)
    return finding.state, finding.found.removesuffix(ending), finding.fix, finding.button


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (CUDA | {"devices": ["H100", "T4"], "mps": True}, "H100, T4"),
        (CPU | {"devices": [], "mps": True}, "Apple GPU (MPS)"),
        (CPU, "CPU, 4 threads"),
        ({"torch": "2.13.0+cpu"}, "CPU, 1 threads"),
    ],
)
def test_a_device_that_is_used_or_not_there_needs_no_advice(facts, text, bare, machine, tmp_path):
    machine(["Intel"])
    assert found(bare, facts, tmp_path) == (GOOD, text, "", "")


@pytest.mark.parametrize(
    ("facts", "options", "limitation", "fix", "button"),
    [
        (CPU, {"vendors": ["NVIDIA"]}, "there is an NVIDIA card, but NVIDIA's driver is not running", NO_DRIVER, ""),
        (CPU, {"vendors": ["NVIDIA"], "nvidia_driver": True},
         "the build supports no graphics card, but there is an NVIDIA card",
         "R" + RENEW.format("auto", "Automatic")[1:] + ".", "preferences"),
        (CPU, {"vendors": ["AMD"], "amd_driver": True},
         "the build supports no graphics card, but there is an AMD card",
         "R" + RENEW.format("rocm7.2", "AMD ROCm 7.2")[1:]
         + ". This takes about 14 GB and supports only newer AMD cards.", "preferences"),
        (CUDA, {"vendors": ["Intel"]}, "the build is for CUDA 13.0, but there is no such card",
         f"It works; to free several gigabytes, {CPU_ONLY}.", "preferences"),
        (ROCM, {"vendors": []}, "the build is for ROCm 7.2, but there is no such card",
         f"It works; to free several gigabytes, {CPU_ONLY}.", "preferences"),
        (CUDA | {"why": "no luck"}, {"vendors": ["NVIDIA"]},
         "there is a card, but NVIDIA's driver is not running (no luck)", NO_DRIVER, ""),
        (CUDA, {"vendors": ["other"], "nvidia_driver": True, "cards": [Card(6.1, 580)]},
         "the card or its driver is too old for CUDA 13.0",
         f"Update NVIDIA's driver, or {RENEW.format('cu126', 'NVIDIA CUDA 12.6')}.", "preferences"),
        (CUDA, {"vendors": ["NVIDIA"], "nvidia_driver": True, "cards": [Card(8.6, 580)]},
         "the build for CUDA 13.0 cannot use the card", f"Update the graphics driver, or {CPU_ONLY}.", "preferences"),
        (CUDA | {"cuda": "12.6"}, {"vendors": ["NVIDIA"], "nvidia_driver": True, "cards": [Card(6.1, 580)]},
         "the build for CUDA 12.6 cannot use the card", f"Update the graphics driver, or {CPU_ONLY}.", "preferences"),
        (ROCM | {"why": "x" * 200}, {"vendors": ["AMD"]},
         f"the build for ROCm 7.2 cannot use the card ({'x' * 160})", f"Update the graphics driver, or {CPU_ONLY}.",
         "preferences"),
    ],
)  # fmt: skip
def test_a_card_that_is_not_used_is_told_with_a_fix(facts, options, limitation, fix, button, bare, machine, tmp_path):
    machine(**options)
    assert found(bare, facts, tmp_path) == (WARN, f"CPU, 4 threads: {limitation}", fix, button)
    assert set(machine.seen) == {tmp_path}


def test_an_amd_card_without_its_driver_needs_no_advice(bare, machine, tmp_path):
    machine(["AMD"])
    assert found(bare, CPU, tmp_path)[0] == GOOD


def test_the_root_of_the_file_system_is_looked_at_by_default(bare, machine):
    machine()
    assert isinstance(device(bare, CPU), Finding)
    assert {str(root) for root in machine.seen} == {"/"}


def test_nvidias_driver_is_to_be_installed_before_another_run():
    assert NO_DRIVER == "Install NVIDIA's driver, restart the machine, and run the diagnostics again."
