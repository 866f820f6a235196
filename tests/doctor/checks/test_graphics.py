# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphics cards and drivers, from the files of the system."""

import os
from pathlib import Path

import pytest

from blender_text3d.doctor.checks import graphics


def add_card(root: Path, vendor: str, device_class: str = "0x030000", slot: str = "00") -> None:
    device = root / f"sys/bus/pci/devices/0000:{slot}:00.0"
    device.mkdir(parents=True)
    (device / "class").write_text(f"{device_class}\n")
    (device / "vendor").write_text(f"{vendor}\n")


@pytest.mark.parametrize(
    ("vendor", "name"), [("0x10de", "NVIDIA"), ("0x1002", "AMD"), ("0x8086", "Intel"), ("0x1234", "other")]
)
def test_the_vendor_of_a_card_is_named(vendor, name, tmp_path):
    assert graphics.card_vendors(tmp_path) == set()
    add_card(tmp_path, vendor)
    assert graphics.card_vendors(tmp_path) == {name}


def test_all_cards_count_and_other_devices_do_not(tmp_path):
    add_card(tmp_path, "0x10de", "0x030200", "01")  # a 3D controller
    add_card(tmp_path, "0x8086", "0x030000", "02")
    add_card(tmp_path, "0x1002", "0x020000", "03")  # a network card
    (tmp_path / "sys/bus/pci/devices/broken").mkdir()
    assert graphics.card_vendors(tmp_path) == {"NVIDIA", "Intel"}


def add_nvidia_driver(root: Path) -> None:
    (root / "proc/driver/nvidia").mkdir(parents=True)
    (root / "proc/driver/nvidia/version").touch()


def test_a_running_nvidia_driver_means_an_nvidia_card(tmp_path):
    assert not graphics.has_nvidia_driver(tmp_path)
    add_nvidia_driver(tmp_path)
    assert graphics.has_nvidia_driver(tmp_path)
    assert graphics.card_vendors(tmp_path) == {"NVIDIA"}


@pytest.mark.parametrize(("system", "has_program", "expected"), [("nt", True, True), ("nt", False, False),
                                                                 ("posix", True, False)])  # fmt: skip
def test_only_on_windows_does_the_program_show_the_driver(system, has_program, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(graphics.shutil, "which", lambda name: "x" if has_program and name == "nvidia-smi" else None)
    monkeypatch.setattr(os, "name", system)
    assert graphics.has_nvidia_driver(tmp_path) is expected


def test_the_amd_driver_needs_a_card_and_the_part_for_computing(tmp_path):
    (tmp_path / "dev/kfd").mkdir(parents=True)
    assert not graphics.has_amd_driver(tmp_path)
    add_card(tmp_path, "0x1002")
    assert graphics.has_amd_driver(tmp_path)
    (tmp_path / "dev/kfd").rmdir()
    assert not graphics.has_amd_driver(tmp_path)
