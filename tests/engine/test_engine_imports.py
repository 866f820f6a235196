# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages that a prompt does not need are not imported before it is made: they would delay each worker's start."""

import subprocess
import sys

import pytest

IMPORT_NAMES = "import sys, blender_text3d.engine.generate; print(*sys.modules)"


@pytest.fixture(scope="module")
def imported():
    """Return the names of all modules that the engine imports."""
    output = subprocess.run([sys.executable, "-c", IMPORT_NAMES], capture_output=True, text=True, check=True).stdout
    return set(output.split())


@pytest.mark.parametrize("name", ["trimesh", "scipy.ndimage", "rerun", "skimage", "diffusers"])
def test_the_engine_does_not_import_what_only_other_jobs_need(imported, name):
    assert name not in imported


def test_the_engine_imports_torch(imported):
    assert {"torch", "scipy.sparse.csgraph"} <= imported
