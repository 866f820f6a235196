# SPDX-License-Identifier: GPL-3.0-or-later
"""Kind and color of pictures of objects."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blender_text3d.engine.image.judge import judged
from blender_text3d.geometry import load_geometry
from blender_text3d.geometry.thumbnail import thumbnail

JOBS = Path(__file__).parents[2] / "compatibility" / "data" / "data-folder" / "jobs"


def test_the_picture_of_a_small_models_object_has_its_kind_and_color(tmp_path):
    mesh = next(JOBS.glob("*-a-red-chair-47be1f/mesh.npz"))
    Image.fromarray(thumbnail(load_geometry(mesh))).save(tmp_path / "chair.webp", quality=90)
    assert judged(tmp_path / "chair.webp") == {"judge_kind": "chair", "judge_color": "red"}


@pytest.mark.parametrize("kind", ["white", "noise"])
def test_a_picture_of_nothing_has_none(tmp_path, kind):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    Image.fromarray(np.full_like(noise, 255) if kind == "white" else noise).save(tmp_path / "x.webp")
    assert judged(tmp_path / "x.webp") == {}
