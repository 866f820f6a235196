# SPDX-License-Identifier: GPL-3.0-or-later
"""Views of the small model's object, and the object decoded again from its saved latent."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from blender_text3d.engine.generate import Engine
from blender_text3d.engine.recipe import Recipe
from blender_text3d.engine.shap_e.rendering.nerf import SampleCounts
from blender_text3d.engine.shap_e.rendering.stf import STFSettings
from blender_text3d.engine.shap_e.rendering.turntable import Turntable
from blender_text3d.engine.shap_e.rendering.views import RENDER_SETTINGS, render_turntable
from blender_text3d.engine.shap_e.rendering.volume import NeRFSettings
from blender_text3d.engine.shap_e.run import decode, run, saved_latent
from blender_text3d.engine.shap_e.saved_latent import DECODED_BY, WrongLatent, save_latent

RECIPE = Recipe("a red chair", "mini/shap-e", seed=4, steps=12, guidance=1.5, grid=40)
TURNTABLE = Turntable(views=4, size_px=32)
FEW = SampleCounts(24, 24)


def drained(steps):
    """(all steps, what the generator returned)."""
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return seen, end.value


@pytest.fixture(scope="module")
def engine():
    return Engine()


@pytest.fixture(scope="module")
def model(engine):
    return engine.load("mini/shap-e", "cpu")


@pytest.fixture(scope="module")
def made(engine):
    return drained(engine.generate(RECIPE))[1]


@pytest.fixture(scope="module")
def latent(made):
    return torch.from_numpy(made.latent)


@pytest.fixture
def saved(made, tmp_path):
    save_latent(tmp_path / "latent.npz", made.latent, made.weights_sha256)
    return tmp_path / "latent.npz"


def covered(views):
    return views.images[..., 3] > 127


@pytest.mark.parametrize("mode", ["stf", "nerf"])
def test_a_turntable_yields_one_step_per_view_and_returns_every_view(model, latent, mode):
    steps, views = drained(render_turntable(model, latent, TURNTABLE, RENDER_SETTINGS[mode]))
    assert [(step.stage, step.index, step.total) for step in steps] == [("views", index, 4) for index in range(5)]
    assert views.images.shape == (4, 32, 32, 4)


def test_both_modes_show_the_same_red_object(model, latent):
    stf, nerf = (
        drained(render_turntable(model, latent, TURNTABLE, RENDER_SETTINGS[mode]))[1] for mode in ("stf", "nerf")
    )
    both, either = covered(stf) & covered(nerf), covered(stf) | covered(nerf)
    assert both.sum() > 0.85 * either.sum()
    assert 0.04 < both.mean() < 0.4
    for views in (stf, nerf):
        red, green, blue = views.images[both].mean(axis=0)[:3]
        assert red > green + 60
        assert red > blue + 60


def test_the_front_view_is_as_wide_as_the_object_and_the_side_view_as_it_is_deep(model, latent, made):
    low, high = made.mesh.vertices.min(axis=0), made.mesh.vertices.max(axis=0)
    flat = Turntable(views=4, size_px=64, elevation_deg=0.0, distance=40.0, fov_rad=0.07)
    (front, side, _, _) = covered(drained(render_turntable(model, latent, flat, STFSettings(grid=40), made.mesh))[1])
    px = flat.cameras().focal_px / 40
    for view, width in ((front, high[0] - low[0]), (side, high[1] - low[1])):
        assert view.any(axis=0).sum() == pytest.approx(width * px, abs=2)
        assert view.any(axis=1).sum() == pytest.approx((high[2] - low[2]) * px, abs=2)


def test_the_same_seed_samples_the_same_points_and_another_seed_others(model, latent):
    one, two, other = (
        drained(render_turntable(model, latent, TURNTABLE, NeRFSettings(FEW, seed=seed)))[1].images
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_skipping_empty_space_renders_nearly_the_same_image(model, latent):
    turntable = replace(TURNTABLE, views=2)
    dense, sparse = (
        drained(render_turntable(model, latent, turntable, NeRFSettings(FEW, skip_grid=grid)))[1] for grid in (None, 32)
    )
    difference = np.abs(dense.over((1, 1, 1)).astype(int) - sparse.over((1, 1, 1)))
    assert difference.mean() < 1.5


def test_closing_the_generator_stops_the_rendering(model, latent, monkeypatch):
    steps = render_turntable(model, latent, TURNTABLE, NeRFSettings(FEW))
    assert [next(steps).index, next(steps).index] == [0, 1]
    steps.close()
    with pytest.raises(StopIteration):
        next(steps)


def decode_saved(model, recipe, path):
    latent = yield from saved_latent(model, path)
    return (yield from decode(model, recipe, torch.from_numpy(latent.values)))


def test_a_finer_mesh_and_views_come_from_the_saved_latent_without_sampling(model, made, saved):
    steps, again = drained(decode_saved(model, replace(RECIPE, grid=72, views=4, view_size=32), saved))
    assert [step.stage for step in steps] == ["mesh"] * 2 + ["views"] * 5
    assert not any(step.notice for step in steps)
    assert len(again.mesh.faces) > 2.5 * len(made.mesh.faces)
    assert len(again.views) == 4
    np.testing.assert_array_equal(again.latent, made.latent)


def test_the_same_grid_gives_the_same_mesh_again(model, made, saved):
    _, again = drained(decode_saved(model, replace(RECIPE, outputs="both"), saved))
    np.testing.assert_array_equal(again.mesh.vertices, made.mesh.vertices)
    assert len(again.cloud.points) == 4096
    assert again.views is None


def test_a_latent_made_with_other_weights_is_decoded_with_a_notice(model, made, tmp_path):
    save_latent(tmp_path / "latent.npz", made.latent, "0" * 64)
    steps, (again,) = drained(run(model, [replace(RECIPE, latent=tmp_path / "latent.npz")]))
    assert steps[0][1].notice.startswith("latent.npz was made with other weights")
    assert len(again.mesh.faces)
    assert again.latent_sha256 == "0" * 64


@pytest.mark.parametrize("weights", DECODED_BY)
def test_a_latent_of_earlier_distilled_weights_is_decoded_without_one(model, made, tmp_path, weights):
    save_latent(tmp_path / "latent.npz", made.latent, weights)
    steps, (again,) = drained(run(model, [replace(RECIPE, latent=tmp_path / "latent.npz")]))
    assert not any(step.notice for _, step in steps)
    np.testing.assert_array_equal(again.mesh.vertices, made.mesh.vertices)


def test_another_model_s_latent_is_refused_before_the_first_step(model, made, tmp_path):
    save_latent(tmp_path / "latent.npz", made.latent[:-1])
    with pytest.raises(WrongLatent, match="another model made it"):
        next(decode_saved(model, RECIPE, tmp_path / "latent.npz"))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"density": "fog"}, 'no density "fog"'),
        ({"samples": SampleCounts(1, 8)}, "2 coarse samples"),
        ({"skip_grid": 1}, "2 points per side"),
    ],
)
def test_invalid_nerf_settings_are_refused(values, sentence):
    with pytest.raises(ValueError, match=sentence):
        NeRFSettings(**values)
