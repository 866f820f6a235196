# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages that a prompt does not need are not imported before it is made: they would delay each worker's start."""

import subprocess
import sys

import pytest

IMPORT_NAMES = """
import sys
import blender_text3d.engine.generate
from blender_text3d.engine.model_registry import MODELS, attribute
for place in (MODELS[sys.argv[1]].loader, MODELS[sys.argv[1]].pipeline):
    attribute(place)
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def imported():
    """Return the names of all modules that the engine and a small model import."""
    command = [sys.executable, "-c", IMPORT_NAMES, "mini/point-e"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize("name", ["trimesh", "scipy.ndimage", "rerun", "skimage", "diffusers"])
def test_the_engine_does_not_import_what_only_other_jobs_need(imported, name):
    assert name not in imported


def test_the_engine_imports_torch_and_the_modules_of_the_model(imported):
    assert {"torch", "scipy.spatial", "blender_text3d.engine.point_e.mini"} <= imported
