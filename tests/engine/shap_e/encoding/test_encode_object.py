# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects from files through the engine: encoded, decoded, and decoded again from the latent."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import trimesh
from scipy.spatial import cKDTree

from blender_text3d.engine.conditioning.condition import Condition
from blender_text3d.engine.generate import Engine, Recipe, Result
from blender_text3d.engine.shap_e.encoding.encode_object import ShapEEncoder
from blender_text3d.engine.shap_e.encoding.object_file import BadObject, object_mesh
from blender_text3d.engine.shap_e.encoding.object_views import object_views, views_of
from blender_text3d.engine.shap_e.encoding.refine_latent import ROUNDS
from blender_text3d.engine.shap_e.official import ShapE
from blender_text3d.engine.shap_e.pipeline import SIGMA_MAX, SIGMA_MIN, sigma_of_strength
from blender_text3d.engine.shap_e.prior import PriorConfig
from blender_text3d.engine.shap_e.run import run, with_surface
from blender_text3d.engine.shap_e.saved_latent import save_latent
from blender_text3d.geometry import Mesh
from blender_text3d.geometry.rendered_views import RenderedViews, add_rendered_views, stored_depths
from blender_text3d.geometry.textured_mesh import save_textured_mesh
from tests.engine.shap_e.encoding.small_encoder import CONFIG, transmitter
from tests.engine.weights.run_steps import run_steps

RECIPE = Recipe("a box", "mini/shap-e", seed=3, steps=8, guidance=1.5, grid=48, device="cpu")


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    """A red box, 2 wide, 1 deep and 4 high, in a file whose Y axis points up."""
    path = tmp_path_factory.mktemp("objects") / "box.glb"
    shape = trimesh.creation.box((2, 4, 1))
    shape.visual.vertex_colors = [230, 5, 5, 255]
    shape.export(path)
    return path


@pytest.fixture(scope="module")
def engine():
    return Engine()


def test_the_small_shap_e_gives_a_box_back_and_the_same_one_from_its_latent(box, engine, tmp_path):
    steps, made = run_steps(engine.generate(replace(RECIPE, object=box)))
    assert [step.index for step in steps if step.stage == "encode"] == list(range(22 + ROUNDS))
    assert not any(step.stage == "sample" for step in steps)
    sides = np.ptp(made.mesh.vertices, axis=0)
    assert sides == pytest.approx([0.9, 0.45, 1.8], abs=0.15)
    red, green, blue = made.mesh.colors.mean(axis=0)
    assert red > 0.7 > 0.35 > max(green, blue)
    assert made.weights_sha256 == engine.load("mini/shap-e", "cpu").sha256
    save_latent(tmp_path / "latent.npz", made.latent, made.weights_sha256)
    again = run_steps(engine.generate(replace(RECIPE, object=box, latent=tmp_path / "latent.npz")))[1]
    assert np.array_equal(again.mesh.vertices, made.mesh.vertices)


TURNED = {"box": trimesh.creation.box((2, 2, 3)), "plate": trimesh.creation.box((2, 3, 0.2)),
          "tube": trimesh.creation.annulus(0.5, 1, 2.5)}  # fmt: skip


@pytest.mark.parametrize("degrees", [23, 45])
@pytest.mark.parametrize("name", TURNED)
def test_a_plain_shape_stays_whole_however_it_is_turned(name, degrees, engine, tmp_path):
    """The encoder has seen few of them, and takes a turned box for a barrel."""
    shape = TURNED[name].copy()
    shape.visual.vertex_colors = [40, 90, 220, 255]
    shape.apply_transform(trimesh.transformations.rotation_matrix(np.radians(degrees), [1, 0.3, 0]))
    shape.export(tmp_path / "shape.glb")
    made = run_steps(engine.generate(replace(RECIPE, object=tmp_path / "shape.glb", grid=64)))[1].mesh
    mesh = trimesh.Trimesh(made.vertices, made.faces, process=False)
    assert mesh.is_watertight
    assert mesh.body_count == 1
    shape.apply_transform([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])  # from Y up to Z up
    shape.apply_translation(-shape.bounds.mean(0))
    shape.apply_scale(1.8 / np.ptp(shape.bounds, axis=0).max())
    assert mesh.volume == pytest.approx(shape.volume, rel=0.25)
    assert mesh.area == pytest.approx(shape.area, rel=0.15)
    surface, _ = trimesh.sample.sample_surface(shape, 20_000, seed=0)
    distances = cKDTree(surface).query(made.vertices)[0]
    assert distances.mean() < 0.025
    assert mesh.euler_number == shape.euler_number


def test_the_official_encoder_encodes_a_file_in_steps_and_its_decoder_decodes_it(box, tmp_path):
    model = ShapEEncoder(transmitter(), transmitter().decoder, torch.device("cpu"), "hash")
    recipe = replace(RECIPE, model="shap-e/encoder", grid=8, object=box, outputs="mesh")
    steps, (result,) = run_steps(run(model, [recipe]))
    encoding = [step.index for _, step in steps if step.stage == "encode"]
    assert encoding == list(range(2 * CONFIG.views + 4))
    assert result.latent.shape == (CONFIG.rows * CONFIG.d_latent,)
    assert 0 < np.abs(result.latent).max() < 1
    again = run_steps(run(model, [recipe]))[1][0]
    assert np.array_equal(again.latent, result.latent)
    save_latent(tmp_path / "latent.npz", result.latent, "hash")
    steps, (decoded,) = run_steps(run(model, [replace(recipe, latent=tmp_path / "latent.npz")]))
    assert np.array_equal(decoded.latent, result.latent)
    assert not [step.notice for _, step in steps if step.notice]
    other = run_steps(run(model, [replace(recipe, seed=4)]))[1][0]
    assert not np.allclose(other.latent, result.latent, atol=1e-3)


def rendered(shown, colors=None):
    """The views of an object as Blender would have rendered them, with other colors if given."""
    images = np.rint(shown.colors * 255).astype(np.uint8)
    if colors is not None:
        images[images[..., 3] > 0, :3] = colors
    return RenderedViews(images, np.full(shown.depths.shape, 255, np.uint8), stored_depths(shown.depths), shown.cameras)


def test_views_in_the_file_are_taken_instead_of_own_ones(box, engine, tmp_path):
    mesh, path = object_mesh(box), tmp_path / "box.npz"
    shown = run_steps(object_views(mesh, 20, seed=0, side=64))[1]
    save_textured_mesh(path, mesh)
    add_rendered_views(path, rendered(shown, (10, 230, 20)))
    steps, made = run_steps(engine.generate(replace(RECIPE, object=path)))
    assert [step.index for step in steps if step.stage == "encode"] == [0, *range(21, 22 + ROUNDS)]
    assert np.ptp(made.mesh.vertices, axis=0) == pytest.approx([0.9, 0.45, 1.8], abs=0.15)
    red, green, blue = made.mesh.colors.mean(axis=0)
    assert green > 0.5 > 0.35 > max(red, blue)


def test_the_official_encoder_takes_views_of_any_size_in_the_file(box, tmp_path):
    model = ShapEEncoder(transmitter(), transmitter().decoder, torch.device("cpu"), "hash")
    mesh, latents = object_mesh(box), []
    for side, color in ((64, (10, 230, 20)), (64, (230, 20, 10)), (128, (230, 20, 10))):
        path = tmp_path / f"box-{side}-{color[0]}.npz"
        shown = run_steps(object_views(mesh, CONFIG.views, seed=0, side=side))[1]
        save_textured_mesh(path, mesh)
        add_rendered_views(path, rendered(shown, color))
        steps, latent = run_steps(model.encode(replace(RECIPE, object=path), path))
        assert [step.index for step in steps][:2] == [0, CONFIG.views + 1]
        latents.append(latent.numpy())
    green, red, large = latents
    assert np.abs(red - large).mean() > 0
    assert np.abs(red - green).mean() > 0


def test_rendered_views_are_lit_like_own_ones(box):
    own = run_steps(object_views(object_mesh(box), 4, seed=0, side=64))[1]
    views = views_of(rendered(own))
    is_seen = np.isfinite(own.depths)
    assert np.abs(views.depths[is_seen] - own.depths[is_seen]).max() < 4e-5
    assert np.array_equal(np.isfinite(views.depths), is_seen)
    assert np.array_equal(views.lit[..., 3], own.lit[..., 3])
    assert (views.lit[..., :3] == np.rint(own.colors[..., :3] * 255)).all()  # the light meets all faces at right angles


def test_an_encoding_can_be_stopped_after_any_view(box):
    model = ShapEEncoder(transmitter(), transmitter().decoder, torch.device("cpu"), "")
    steps = model.encode(replace(RECIPE, object=box), box)
    assert [next(steps).index for _ in range(3)] == [0, 1, 2]
    steps.close()


def test_an_unusable_object_ends_the_recipe_with_a_sentence(tmp_path):
    (tmp_path / "cube.obj").write_text("v 0 0 0\n")
    with pytest.raises(BadObject, match=r"cube\.obj"):
        run_steps(Engine().generate(replace(RECIPE, object=tmp_path / "cube.obj")))


VARIED = replace(RECIPE, prompt="a yellow tower", steps=5, grid=32, solver="dpm++2m")


def test_an_object_is_varied_more_with_strength_and_by_the_words(box, engine):
    recipe = replace(VARIED, object=box)
    made = {vary: run_steps(engine.generate(replace(recipe, vary=vary))) for vary in (0.0, 0.1, 1.0)}
    copy, little, other = (result.latent for _, result in made.values())
    assert 0 < np.abs(little - copy).mean() < 0.7 * np.abs(other - copy).mean()
    steps = [step for step in made[0.1][0] if step.stage == "sample"]
    assert len(steps) == 1 + recipe.steps
    assert max(step.sigma for step in steps if step.sigma) == pytest.approx(np.tan(0.05 * np.pi))
    alone = run_steps(engine.generate(VARIED))[1].latent
    assert np.abs(other - alone).mean() < 0.05 < np.abs(other - copy).mean()


@pytest.mark.parametrize(
    ("strength", "sigma"), [(0.0, 2 * SIGMA_MIN), (0.5, 1.0), (0.9, 6.314), (0.999, SIGMA_MAX), (1.0, SIGMA_MAX)]
)
def test_a_strength_is_a_share_of_the_circle_from_the_latent_to_noise(strength, sigma):
    assert sigma_of_strength(strength) == pytest.approx(sigma, rel=1e-3)


def test_a_latent_of_a_varied_object_is_decoded_as_it_is(box, engine, tmp_path):
    varied = replace(VARIED, object=box, vary=0.5)
    made = run_steps(engine.generate(varied))[1]
    save_latent(tmp_path / "latent.npz", made.latent, made.weights_sha256)
    steps, again = run_steps(engine.generate(replace(varied, latent=tmp_path / "latent.npz")))
    assert np.array_equal(again.latent, made.latent)
    assert {step.stage for step in steps} <= {"load", "mesh"}


def test_a_copy_without_a_surface_is_told_in_words_of_the_object(tmp_path):
    path = tmp_path / "sheet.ply"
    trimesh.Trimesh([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 1, 2]], process=False).export(path)
    empty = Result(
        Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), np.zeros((0, 3), np.float32)), None, None
    )
    with pytest.raises(BadObject, match=r"The copy of the object sheet\.ply has no surface"):
        with_surface(empty, replace(RECIPE, object=path))
    assert with_surface(empty, replace(RECIPE, object=path, vary=0.5)) is empty


class Prior(torch.nn.Module):
    """A network of the official interface that predicts a latent of ones and its variance."""

    config = PriorConfig(d_latent=CONFIG.rows * CONFIG.d_latent)

    def forward(self, x, t, condition):
        return torch.cat([torch.ones_like(x), torch.zeros_like(x)], dim=1)


def test_an_official_prior_varies_what_the_official_encoder_makes_of_an_object(box, monkeypatch):
    device = torch.device("cpu")
    encoder = ShapEEncoder(transmitter(), transmitter().decoder, device, "hash")
    monkeypatch.setattr(ShapEEncoder, "load", lambda device: encoder)
    condition = Condition(torch.zeros(1, 4))
    model = ShapE(lambda recipe: condition, Prior(), transmitter().decoder, device, "hash")
    recipe = replace(RECIPE, model="shap-e/text300M", grid=8, object=box, steps=4, guidance=1.0, solver="dpm++2m")
    made = {vary: run_steps(run(model, [replace(recipe, vary=vary)]))[1][0].latent for vary in (0.0, 0.5)}
    assert np.array_equal(made[0.0], run_steps(run(encoder, [replace(recipe, model="shap-e/encoder")]))[1][0].latent)
    assert np.allclose(made[0.5], 1)
