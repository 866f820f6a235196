# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices by name, and the error for one that is not available."""

import pytest

from blender_text3d.engine.device import NoSuchDevice, device_name, pick_device


def test_the_cpu_is_always_available():
    assert pick_device("cpu").type == "cpu"


def test_auto_finds_a_device_with_a_name():
    assert device_name(pick_device("auto"))


@pytest.mark.parametrize("name", ["cuda:63", "toaster", "cpu:7", "cuda:-1", "cuda:x", ""])
def test_an_unavailable_device_is_named_with_an_alternative(name):
    with pytest.raises(NoSuchDevice, match="choose 'auto' or 'cpu'"):
        pick_device(name)
