# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags of exported formats, and what a print height means."""

import argparse

import pytest

from blender_text3d.protocol.errors import BadRequest
from scripts.cli.format_flags import check_formats, formats, print_height, print_notice


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("glb", ("glb",)),
        ("GLB, ply", ("glb", "ply")),
        (".stl,.3mf", ("stl", "3mf")),
        ("glb,glb", ("glb",)),
        ("none", ()),
    ],
)
def test_formats_are_separated_by_commas(text, names):
    assert formats(text) == names


@pytest.mark.parametrize("text", ["fbx", "glb,fbx", "", "glb,", "none,glb", "blend"])
def test_an_unknown_format_is_named(text):
    with pytest.raises(argparse.ArgumentTypeError, match="is not one of glb, ply, obj"):
        formats(text)


@pytest.mark.parametrize(("text", "height"), [("60", 60.0), ("60mm", 60.0), ("0.1", 0.1), ("1e3", 1000.0)])
def test_a_print_height_is_in_millimeters(text, height):
    assert print_height(text) == height


@pytest.mark.parametrize("text", ["0", "-5", "nan", "inf", "tall", "6 cm", "1e9", ""])
def test_another_print_height_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="millimeters"):
        print_height(text)


@pytest.mark.parametrize(
    ("wanted", "output", "height", "sentence"),
    [(("stl",), "cloud", 0, "A cloud cannot be written as .stl"), (("glb",), "mesh", 60, "only affects .stl and .3mf"),
     ((), "mesh", 60, "only affects")],
)  # fmt: skip
def test_formats_that_cannot_hold_the_result_are_refused(wanted, output, height, sentence):
    with pytest.raises(BadRequest, match=sentence):
        check_formats(wanted, output, height)


def test_formats_that_can_are_accepted():
    check_formats(("stl", "glb"), "both", 60.0)
    check_formats(("glb", "ply"), "cloud", 0.0)


@pytest.mark.parametrize(
    ("wanted", "height", "sentence"),
    [(("stl",), 60.0, ".stl: 60 mm high"), (("stl", "3mf"), 60.0, ".stl and .3mf: 60 mm high"),
     (("stl",), 0.0, "a slicer takes 2 m for 2 mm"), (("3mf",), 0.0, ""), (("glb",), 0.0, "")],
)  # fmt: skip
def test_the_size_of_a_print_is_told(wanted, height, sentence):
    notice = print_notice(wanted, {1.0, 2.0}, height)
    assert sentence in notice
    assert bool(notice) == bool(sentence)
