# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of latents, whose loss the student and the draft learn from."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from blender_text3d.engine.mini.files import SHAP_E_WEIGHTS
from blender_text3d.engine.shap_e.configs import MINI_DECODER
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.mini import MiniShapE
from blender_text3d.engine.weights.loading.load_tensors import load_float32, load_prefixed
from scripts.training.data.catalogue import CATEGORIES, ROLES
from scripts.training.evaluate.classifier import PointCloudClassifier
from scripts.training.evaluate.latent_classifier import label_loss
from scripts.training.evaluate.shap_e import sample_prompt_latents
from scripts.training.train.decoded_objects import (
    REACHED,
    ObjectLoss,
    Variety,
    along,
    are_right,
    difference,
    reached,
    surface_of,
    value_and_slope,
)
from scripts.training.train.distilled_shap_e import rollout, student_levels, unrolled_loss
from scripts.training.train.export_distilled_shap_e import between

KIND = [category.name for category in CATEGORIES].index("chair")


@pytest.fixture(scope="module")
def decoder():
    tensors = load_float32(SHAP_E_WEIGHTS)
    return load_prefixed(VectorDecoder(MINI_DECODER), tensors, "decoder.", torch.device("cpu")).requires_grad_(False)


@pytest.fixture(scope="module")
def chairs():
    model = MiniShapE.load(torch.device("cpu"))
    return sample_prompt_latents(model, "a red chair", range(4), None, 1.0).clone()


@pytest.fixture(scope="module")
def classifier():
    torch.manual_seed(0)
    return PointCloudClassifier().eval().requires_grad_(False)


def nothing(count):
    return [torch.full((count,), -1), torch.full((count,), -1), torch.full((count, len(ROLES)), -1)]


def surface_after(decoder, latents, seed=0):
    torch.manual_seed(seed)
    return surface_of(decoder, latents)


def test_the_points_lie_on_the_surface_and_have_its_colors(decoder, chairs):
    points, colors = surface_after(decoder, chairs)
    channels = decoder(chairs, points)
    assert points.shape == colors.shape == (4, 1024, 3)
    assert channels[..., 0].abs().quantile(0.99) < 0.02  # of a field whose slope is 12
    torch.testing.assert_close(colors, channels[..., 3:6].sigmoid())
    assert points.abs().amax() > 0.8  # chairs are 1.8 high


@pytest.mark.parametrize("kind", ["fork", "bow", "fence"])
def test_all_points_of_a_thin_object_lie_on_its_surface(decoder, kind):
    """Of 8,192 points of the cube, fewer than the 1,024 that are needed are near such an object."""
    latents = sample_prompt_latents(MiniShapE.load(torch.device("cpu")), f"a red {kind}", range(2), None, 1.0).clone()
    points, _ = surface_after(decoder, latents)
    offsets = along(*value_and_slope(decoder.field_layers, points, decoder.params_proj(latents)))
    assert offsets.norm(dim=-1).max() < 2 * REACHED


def test_points_off_the_surface_become_copies_of_others():
    points, slopes = torch.rand(2, 50, 3), torch.rand(2, 50, 3)
    flags = torch.rand(2, 50) < 0.3
    found, of_found = reached(points, slopes, flags)
    assert torch.equal(found[flags], points[flags])
    for index in range(2):
        rows = (found[index][:, None] == points[index][None]).all(-1).float().argmax(1)
        assert flags[index][rows].all()
        assert torch.equal(of_found[index], slopes[index][rows])


def test_what_classifiers_find_right_is_what_the_labels_tell(decoder, chairs):
    def sees_red_chairs(points, colors):
        assert points.shape == colors.shape == (4, 1024, 3)
        return one_hot(KIND, len(CATEGORIES)), one_hot(2, 12), torch.zeros(4, len(ROLES), 12)

    def one_hot(index, size):
        return torch.eye(size)[index].expand(4, -1)

    category, color, parts = nothing(4)
    category[1], category[2], color[3], parts[0, 0] = KIND, KIND + 1, 3, 0
    assert are_right(decoder, [sees_red_chairs] * 2, chairs, [category, color, parts]).tolist() == [1, 1, 0, 0]


def test_points_move_with_the_surface(decoder, chairs):
    """The gradient of the points is how far the nearest surface moves along their normals."""
    torch.manual_seed(1)
    latents, direction = chairs.clone().requires_grad_(True), 1e-3 * torch.randn_like(chairs)
    points, _ = surface_after(decoder, latents)
    places = points.detach()
    after, before = (led_to(decoder, some, places) for some in (chairs + direction, chairs))
    normals = value_and_slope(decoder.field_layers, places, decoder.params_proj(chairs))[1]
    normals = normals / normals.norm(dim=-1, keepdim=True)
    expected = ((after - before) * normals).sum(-1)
    is_near = expected.abs() < 0.005  # a few points are between two sides
    assert is_near.float().mean() > 0.98
    cotangents = normals * (torch.randn(1024) * is_near)[..., None]
    (gradient,) = torch.autograd.grad((points * cotangents).sum(), latents)
    measured = ((after - before) * cotangents).sum((1, 2))
    predicted = (gradient * direction).sum(1)
    assert (predicted - measured).norm() < 0.2 * measured.norm()


def led_to(decoder, latents, places):
    """Return the places on the surfaces of latents that points (B, N, 3) come to along its gradient."""
    weights = decoder.params_proj(latents)
    for _ in range(4):
        places = places - along(*value_and_slope(decoder.field_layers, places, weights))
    return places


def test_what_a_caption_does_not_say_has_no_loss(decoder, classifier, chairs):
    logits = classifier(*surface_after(decoder, chairs[:2]))
    category, color, parts = nothing(2)
    assert label_loss(logits, category, color, parts).tolist() == [0, 0]
    losses = label_loss(logits, category, torch.tensor([-1, 3]), parts)
    assert losses[0] == 0
    assert losses[1] > 0


def test_the_loss_of_objects_reaches_the_student_through_all_steps(decoder, classifier):
    torch.manual_seed(0)
    levels, scales = student_levels(), [torch.ones(1, requires_grad=True) for _ in range(4)]
    calls = iter(scales)
    latents = rollout(lambda x, t, c: x * next(calls), torch.randn(2, 2048), torch.zeros(2, 12, 128), levels)
    labels = [torch.tensor([1]), torch.tensor([5]), torch.full((1, len(ROLES)), -1)]
    ObjectLoss(decoder, (classifier,), None, 0.5, 0.0).of(latents, labels).backward()
    assert all(scale.grad.abs() > 0 for scale in scales)


def test_steps_along_its_gradient_make_an_object_what_the_caption_says(decoder, chairs):
    """A classifier that only sees the mean color: red chairs become as blue as it asks for."""

    def blueness(points, colors):
        mean = 20 * colors.mean(1)
        return mean.new_zeros(len(mean), len(CATEGORIES)), mean, mean.new_zeros(len(mean), len(ROLES), 3)

    latents = chairs.clone().requires_grad_(True)
    before = surface_after(decoder, chairs)[1].mean((0, 1))
    losses = ObjectLoss(decoder, (blueness,), None, 1.0, 0.0)
    labels = [torch.full((2,), -1), torch.full((2,), 2), torch.full((2, len(ROLES)), -1)]
    optimizer = torch.optim.Adam([latents], lr=0.02)
    for _ in range(30):
        optimizer.zero_grad()
        losses.of(latents, labels).backward()
        optimizer.step()
    after = surface_after(decoder, latents.detach())[1].mean((0, 1))
    assert before[0] > before[2]
    assert after[2] > after[0]


def test_two_objects_of_a_caption_are_to_differ_as_two_shapes_do(decoder, chairs, tmp_path):
    path = tmp_path / "latents.npz"
    labels = {"category": np.full(4, KIND), "color": np.zeros(4), "part_colors": np.zeros((4, len(ROLES)))}
    np.savez(path, latents=chairs.half().numpy(), **labels)
    variety = Variety.read(path, decoder)
    kinds = torch.full((2,), KIND)
    first, second = chairs[:2], chairs[2:]
    ratios = variety.ratios(decoder, first, second, kinds)
    assert ratios.mean() == pytest.approx(1, abs=0.01)
    assert variety.loss(decoder, first, first, kinds) == 1
    assert variety.loss(decoder, first, first, torch.tensor([KIND, -1])) == 0.5
    assert variety.loss(decoder, first, second, kinds) == pytest.approx(float((1 - ratios).clamp(min=0).mean()))
    assert variety.usual[(KIND + 1) % len(CATEGORIES)] == 0
    assert (difference(decoder, variety.points, first, second) > 0.01).all()


def test_the_report_counts_what_is_right(decoder, chairs):
    def sees_red_chairs(points, colors):
        logits = torch.zeros(len(points), len(CATEGORIES)), torch.zeros(len(points), 12)
        logits[0][:, KIND] = logits[1][:, 0] = 1
        return *logits, torch.zeros(len(points), len(ROLES), 12)

    labels = [torch.tensor([KIND, KIND, KIND, KIND + 1]), torch.tensor([0, 0, 1, -1]), torch.full((4, len(ROLES)), -1)]
    labels[2][0, 0] = 0
    runs = SimpleNamespace(states=torch.zeros(4, 5, 2048), conditions=torch.zeros(4, 1, 1), labels=labels)
    text = ObjectLoss(decoder, (sees_red_chairs,), None, 1.0, 0.0).report(lambda noise, conditions: chairs, runs)
    assert text == ", category 0.7500, color 0.6667, parts 1.0000"
    assert ObjectLoss.read(decoder, SimpleNamespace(classifier=None)) is None


def test_half_of_the_objects_have_noise_of_their_own(decoder):
    """The loss of objects gets two latents of each caption: of the recorded noise, and of another."""
    torch.manual_seed(0)
    levels, seen = student_levels(), []
    states, conditions = torch.randn(4, 5, 2048), torch.randn(4, 12, 128)

    def of_objects(latents):
        seen.append(latents)
        return torch.tensor(7.0)

    def prior(x, t, condition):
        return 0.1 * x + condition.mean((1, 2))[:, None]

    alone = unrolled_loss(prior, decoder, states, conditions, levels)
    both = unrolled_loss(prior, decoder, states, conditions, levels, of_objects)
    assert both - alone == pytest.approx(7, abs=0.5)
    (latents,) = seen
    assert latents.shape == (8, 2048)
    torch.testing.assert_close(latents[:4], rollout(prior, states[:, 0], conditions, levels))
    assert not torch.equal(latents[:4], latents[4:])


def test_weights_between_two_networks():
    first, second = {"a": torch.tensor([0.0, 4.0])}, {"a": torch.tensor([2.0, 0.0])}
    assert between(first, second, 0.25)["a"].tolist() == [0.5, 3.0]
