# SPDX-License-Identifier: GPL-3.0-or-later
"""The small Point-E that ships: the outputs of its stages for a prompt."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch

from blender_text3d.engine.point_e.mesh import field_of_cloud, mesh_of_cloud
from blender_text3d.engine.point_e.mini import BASE_POINTS, FINE_POINTS, MiniPointE
from blender_text3d.engine.point_e.pipeline import sample_clouds
from blender_text3d.engine.recipe import Recipe
from blender_text3d.engine.surface import extract_surface, keep_main

PROMPTS = {"a red apple": (1, 0, 0), "a green bottle": (0, 1, 0), "a blue bed": (0, 0, 1)}


@pytest.fixture(scope="module")
def model():
    return MiniPointE.load(torch.device("cpu"))


def recipe(prompt, seed=3, **changes):
    return Recipe(prompt, "mini/point-e", **{"seed": seed, "steps": 16, "guidance": 1.5, "grid": 48} | changes)


def sampled(model, *recipes):
    """(steps of all recipes, clouds)."""
    steps, running = [], sample_clouds(model, recipes)
    while True:
        try:
            steps.append(next(running)[1])
        except StopIteration as end:
            return steps, end.value


def last_cloud(steps, stage):
    """The last preview of a stage."""
    return [step for step in steps if step.stage == stage][-1].preview()


@pytest.mark.parametrize("prompt", PROMPTS)
def test_coarse_and_fine_clouds_fill_the_cube_in_the_requested_color(model, prompt):
    steps, (fine,) = sampled(model, recipe(prompt))
    for cloud, count in ((last_cloud(steps, "points"), BASE_POINTS), (fine, FINE_POINTS)):
        assert cloud.points.shape == (count, 3)
        assert np.abs(cloud.points).max() <= 1.1
        assert 1.3 < np.ptp(cloud.points, axis=0).max() < 2.1
        assert cloud.colors.mean(axis=0).argmax() == np.argmax(PROMPTS[prompt])


def test_fine_points_stay_near_their_coarse_ones_and_are_distinct(model):
    steps, (fine,) = sampled(model, recipe("a red apple"))
    coarse = np.repeat(last_cloud(steps, "points").points, FINE_POINTS // BASE_POINTS, axis=0)
    distances = np.linalg.norm(fine.points - coarse, axis=1)
    assert 0.01 < distances.mean() < 0.15
    assert distances.max() < 0.5
    assert len(np.unique((fine.points / 0.01).round(), axis=0)) > 0.9 * FINE_POINTS


def test_every_step_of_both_stages_has_a_preview(model):
    steps, _ = sampled(model, recipe("a red apple"))
    for stage, count, points in (("points", 16, BASE_POINTS), ("upsample", 4, FINE_POINTS)):
        shown = [step for step in steps if step.stage == stage and step.preview]
        assert [(step.index, step.total) for step in shown] == [(index, count) for index in range(1, count + 1)]
        assert {len(step.preview().points) for step in shown} == {points}


def test_a_seed_gives_the_same_cloud_alone_and_in_a_batch_and_another_seed_another(model):
    _, (one, other) = sampled(model, recipe("a white vase", 4), recipe("a white vase", 5))
    _, (alone,) = sampled(model, recipe("a white vase", 5))
    np.testing.assert_allclose(other.points, alone.points, atol=1e-3)
    assert np.abs(one.points - other.points).mean() > 0.01


def test_the_official_solver_and_the_fast_one_make_nearly_the_same_coarse_cloud(model):
    recipes = (
        recipe("a red apple", solver="heun", steps=24),
        recipe("a red apple", steps=24),
        recipe("a red apple", 8),
    )
    exact, fast, other = (last_cloud(sampled(model, one)[0], "points").points for one in recipes)
    assert np.abs(exact - fast).mean() < 0.3 * np.abs(other - fast).mean()


def test_a_part_gets_its_own_color_and_the_rest_keeps_the_object_s(model):
    _, clouds = sampled(model, *[recipe("a red chair with white legs", seed) for seed in range(4)])
    colors = np.concatenate([cloud.colors for cloud in clouds])
    is_white, is_red = colors.min(axis=1) > 0.7, (colors[:, 0] > 0.5) & (colors[:, 1:].max(axis=1) < 0.4)
    assert is_white.mean() > 0.05
    assert is_red.mean() > 0.2
    plain = np.concatenate([cloud.colors for cloud in sampled(model, recipe("a red chair", 0))[1]])
    assert (plain.min(axis=1) > 0.7).mean() < 0.02


def test_the_middle_of_an_apple_is_inside_and_the_corners_of_the_cube_are_outside(model):
    _, (cloud,) = sampled(model, recipe("a red apple"))
    corners = [[x, y, z] for x in (-0.95, 0.95) for y in (-0.95, 0.95) for z in (-0.95, 0.95)]
    queries = torch.tensor([cloud.points.mean(axis=0).tolist(), *corners])
    with torch.inference_mode():
        encoded = model.sdf.encode(torch.from_numpy(cloud.points).T[None])
        distances = model.sdf.query(queries.T[None], encoded)[0]
    assert distances[0] > 0 > distances[1:].max()


@pytest.mark.parametrize("grid", [31, 64])
@pytest.mark.parametrize("level", [0.0, -0.03])
@torch.inference_mode()
def test_a_mesh_is_that_of_the_field_at_every_point_of_the_grid(model, grid, level):
    _, (cloud,) = sampled(model, recipe("a red chair"))
    meshing = replace(model.meshing, levels=(level,))
    field = field_of_cloud(model.sdf, cloud, model.device, meshing)
    vertices, faces, _ = keep_main(*extract_surface(field, grid=grid, level=level, dense=True))
    mesh = mesh_of_cloud(model.sdf, cloud, grid, model.device, meshing)
    assert len(faces) > 1000
    assert np.array_equal(mesh.faces, faces.numpy())
    np.testing.assert_allclose(mesh.vertices, vertices.numpy(), atol=1e-5)


@torch.inference_mode()
def test_the_encoding_of_a_cloud_is_that_in_float64(model):
    _, (cloud,) = sampled(model, recipe("a red apple"))
    points = torch.from_numpy(cloud.points).T[None]
    exact = deepcopy(model.sdf).double().encode(points.double())
    torch.testing.assert_close(model.sdf.encode(points), exact, atol=5e-6, rtol=0)


def test_unknown_words_give_a_notice_and_alone_no_condition(model):
    condition = model.condition(recipe("a zorg"))
    assert condition.values.shape == (1, 128, 1 + model.conditioner.encoder.config.n_ctx)
    assert not condition.values.any()
    assert "Unknown words: zorg" in condition.notice
    known = model.condition(recipe("a red chair"))
    assert known.notice is None
    assert known.values[0, :, 0].norm().item() == pytest.approx(1.0, abs=1e-4)
