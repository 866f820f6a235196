# SPDX-License-Identifier: GPL-3.0-or-later
"""Which device a name means, and what is said when there is none."""

import pytest

from blender_text3d.engine.device import NoSuchDevice, device_name, pick_device


def test_the_cpu_can_always_be_asked_for():
    assert pick_device("cpu").type == "cpu"


def test_auto_finds_a_device_with_a_name():
    assert device_name(pick_device("auto"))


@pytest.mark.parametrize("wanted", ["cuda:63", "toaster", "cpu:7", "cuda:-1", "cuda:x", ""])
def test_a_device_that_is_not_there_is_named_with_what_to_choose_instead(wanted):
    with pytest.raises(NoSuchDevice, match="choose 'auto' or 'cpu'"):
        pick_device(wanted)
