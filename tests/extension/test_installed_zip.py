# SPDX-License-Identifier: GPL-3.0-or-later
"""The life cycle of the zip, in order: validate, install, use, disable, enable again, remove."""

import json
import os
import subprocess
import sys
from pathlib import Path

import bpy
import pytest

ZIP = os.environ["TEXT3D_ZIP"]
MODULE = "bl_ext.user_default.blender_text3d"


@pytest.fixture(scope="module")
def installed():
    """The folder of the installed extension, with the add-on enabled."""
    bpy.ops.extensions.package_install_files(filepath=ZIP, repo="user_default", enable_on_install=True)
    repository = next(repo for repo in bpy.context.preferences.extensions.repos if repo.module == "user_default")
    yield Path(repository.directory) / "blender_text3d"
    if MODULE in bpy.context.preferences.addons:
        bpy.ops.preferences.addon_disable(module=MODULE)


def test_blenders_own_validator_accepts_the_zip():
    validator = Path(bpy.utils.system_resource("SCRIPTS")) / "addons_core/bl_pkg/cli/blender_ext.py"
    done = subprocess.run([sys.executable, validator, "validate", ZIP], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_installing_enables_the_add_on_with_its_preferences(installed):
    assert (installed / "blender_manifest.toml").exists()
    assert bpy.context.preferences.addons[MODULE].preferences is not None


def test_a_prompt_becomes_a_colored_object_with_its_recipe(installed):
    settings = bpy.context.scene.text3d
    settings.prompt, settings.quality, settings.seed, settings.has_random_seed = "a red chair", "draft", 3, False
    assert bpy.ops.text3d.generate() == {"FINISHED"}
    (generated,) = [item for item in bpy.data.objects if "text3d_recipe" in item]
    assert generated.type == "MESH"
    assert len(generated.data.polygons) > 100
    assert len(generated.data.color_attributes) == 1
    assert max(generated.dimensions) == pytest.approx(settings.size_m, rel=0.01)
    recipe = json.loads(generated["text3d_recipe"])
    assert (recipe["prompt"], recipe["seed"]) == ("a red chair", 3)


def test_using_the_add_on_writes_nothing_into_its_installed_folder(installed):
    files = [path for path in installed.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    import zipfile

    assert sorted(path.relative_to(installed).as_posix() for path in files) == sorted(zipfile.ZipFile(ZIP).namelist())


def test_disabling_removes_everything_and_enabling_restores_it(installed):
    bpy.ops.preferences.addon_disable(module=MODULE)
    assert not hasattr(bpy.types.Scene, "text3d")
    assert "generate" not in dir(bpy.ops.text3d)
    bpy.ops.preferences.addon_enable(module=MODULE)
    assert bpy.context.scene.text3d.prompt


def test_removing_leaves_no_file(installed):
    repositories = list(bpy.context.preferences.extensions.repos)
    index = next(number for number, repo in enumerate(repositories) if repo.module == "user_default")
    bpy.ops.extensions.package_uninstall(repo_index=index, pkg_id="blender_text3d")
    assert not installed.exists()
    assert MODULE not in bpy.context.preferences.addons
