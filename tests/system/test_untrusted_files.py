# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain file names: names that refer to the same file on every system."""

import sys

import pytest

from blender_text3d.protocol.create_job import copy_input
from blender_text3d.system.untrusted_files import is_plain_name, remove_special_files

DEVICE_NAMES = ["NUL", "CON", "con.txt", "AUX.npz", "PRN", "COM1", "com9.npz", "LPT1.txt", "LPT³", "CONIN$", "Con .npz"]
SHORTENED_NAMES = ["mesh.npz.", "mesh.npz ", "mesh.npz. .", " ", ".", "..", "mesh.\n."]
PLAIN_NAMES = ["mesh.npz", "input_image.png", "console.txt", "nullify", "com.npz", "COM10", "a b.png", "καρέκλα.glb"]


@pytest.mark.parametrize("name", DEVICE_NAMES)
def test_a_windows_device_name_is_not_a_plain_name(name):
    assert not is_plain_name(name)
    assert not is_plain_name(name.upper())


@pytest.mark.parametrize("name", SHORTENED_NAMES)
def test_a_name_that_windows_would_shorten_is_not_plain(name):
    assert not is_plain_name(name)


@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_a_name_similar_to_a_device_is_plain(name):
    assert is_plain_name(name)


@pytest.mark.parametrize("name", ["chair.png ", "chair.", "chair.p:g", "chair.\x01"])
def test_the_copy_of_an_oddly_named_image_has_a_plain_name(tmp_path, name):
    (tmp_path / name).write_bytes(b"image")
    own = copy_input(tmp_path / name, tmp_path, "input_image")
    assert is_plain_name(own)
    assert (tmp_path / own).read_bytes() == b"image"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_links_are_removed_at_every_depth_and_files_stay(tmp_path):
    target, job = tmp_path / "target.png", tmp_path / "job"
    (job / "views").mkdir(parents=True)
    for file in (target, job / "mesh.npz", job / "views" / "000.png"):
        file.write_bytes(b"content")
    links = [job / "mesh.glb", job / "views" / "001.png"]
    for link in links:
        link.symlink_to(target)
    remove_special_files(job)
    assert not any(link.is_symlink() for link in links)
    assert all(file.read_bytes() == b"content" for file in (target, job / "mesh.npz", job / "views" / "000.png"))
