# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the tests of scene: the objects of another file."""

import pytest


@pytest.fixture
def link_all(tmp_path):
    """A function that saves a copy of the file and returns its objects, linked into this file."""
    import bpy

    def link_all():
        path = str(tmp_path / "library.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
        with bpy.data.libraries.load(path, link=True) as (there, here):
            here.objects = there.objects
        return here.objects

    return link_all
