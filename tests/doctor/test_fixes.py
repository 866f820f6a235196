# SPDX-License-Identifier: GPL-3.0-or-later
"""The fix for the worker's Python depends on who made it, and on what is chosen already."""

from dataclasses import replace
from pathlib import Path

import pytest

from blender_text3d.doctor.fixes import OVERRIDE_FIX, build_fix, fix_for


def test_the_environment_of_set_up_has_buttons_and_commands(bare):
    run = "python -m blender_text3d.environment"
    assert fix_for(bare, "repair") == (f"Press Check and Repair, or run `{run} repair`.", "repair")
    assert fix_for(bare, "renew") == (f"Press Set Up Again, or run `{run} renew`.", "renew")


def test_a_python_override_is_changed_in_the_preferences(bare):
    own = replace(bare, own_python=Path("/mine"))
    for button in ("repair", "renew"):
        assert fix_for(own, button) == (OVERRIDE_FIX, "preferences")
    assert "Python Override" in OVERRIDE_FIX
    assert build_fix(replace(own, blender={"torch": "cpu"}), "cpu") == (
        "install such a PyTorch in the Python override, or clear Python Override", "preferences")  # fmt: skip


@pytest.mark.parametrize("chosen", ["cu126", "auto"])
def test_a_build_that_is_chosen_already_or_an_equivalent_one_only_needs_set_up_again(chosen, bare):
    assert build_fix(replace(bare, blender={"torch": chosen}), "cu126", "auto") == ("press Set Up Again", "renew")


def test_another_build_is_chosen_in_blenders_preferences_by_its_label(bare):
    choose = "choose CPU Only as PyTorch in the preferences and press Set Up Again"
    assert build_fix(replace(bare, blender={"torch": "auto"}), "cpu") == (choose, "preferences")
    run = "run `python -m blender_text3d.environment renew --torch cpu`"
    assert build_fix(bare, "cpu") == (f"{run}, or {choose}", "preferences")
