# SPDX-License-Identifier: GPL-3.0-or-later
"""The face budget of a recipe, with the small models."""

import numpy as np
import pytest

from blender_text3d.engine import generate as generating
from blender_text3d.engine.generate import NO_SIMPLIFIER, Engine, Recipe, Result
from scripts.bench.mesh_quality import mesh_quality

BUDGET = 3000


def recipe(**changes) -> Recipe:
    values = {"prompt": "a red chair", "model": "mini/shap-e", "seed": 4, "steps": 4, "guidance": 1.5, "grid": 64}
    return Recipe(**values | changes)


def result_of(engine: Engine, **changes) -> Result:
    *_, (_, last) = engine.generate_batch([recipe(**changes)])
    return last.result


@pytest.fixture(scope="module")
def engine():
    return Engine()


@pytest.mark.parametrize("model", ["mini/shap-e", "mini/point-e"])
def test_a_mesh_has_the_faces_of_its_budget_even_triangles_and_the_shape_and_colors_of_the_full_one(engine, model):
    full, mesh = (result_of(engine, model=model, face_budget=budget).mesh for budget in (0, BUDGET))
    assert len(mesh.faces) <= BUDGET < len(full.faces)
    quality = mesh_quality(full, mesh)
    assert quality.distance_percent < 0.15
    assert quality.color_error < 2
    assert quality.angle_deg > 10
    assert quality.flipped_percent < 0.1


def test_cloud_latent_and_views_are_those_of_the_full_mesh(engine):
    choices = {"outputs": "both", "views": 1, "view_size": 16}
    full, small = (result_of(engine, face_budget=budget, **choices) for budget in (0, BUDGET))
    np.testing.assert_array_equal(full.cloud.points, small.cloud.points)
    np.testing.assert_array_equal(full.latent, small.latent)
    np.testing.assert_array_equal(full.views.images, small.views.images)


def test_without_the_package_the_mesh_keeps_all_faces_and_a_notice_says_so(engine, monkeypatch):
    full = result_of(engine).mesh
    monkeypatch.setattr(generating, "can_simplify", lambda: False)
    for budget, notices in ((BUDGET, [NO_SIMPLIFIER]), (0, [])):
        steps = [step for _, step in engine.generate_batch([recipe(face_budget=budget)])]
        np.testing.assert_array_equal(steps[-1].result.mesh.faces, full.faces)
        assert [step.notice for step in steps if step.notice] == notices
