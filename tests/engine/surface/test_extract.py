# SPDX-License-Identifier: GPL-3.0-or-later
"""Field to surface."""

import numpy as np
import pytest
import torch
import trimesh
from skimage.measure import marching_cubes as reference_marching_cubes

from blender_text3d.engine.surface import extract_surface, vertex_colors
from blender_text3d.engine.surface.extract import sample_field
from tests.engine.surface import shapes

HARD_SHAPES = {
    "thin plates": shapes.thin_plates(),
    "sub-voxel wires": shapes.sub_voxel_wires(),
    "separate balls": shapes.separate_balls(),
    "branching tree": shapes.branching_tree(),
    "chair with thin legs": shapes.chair(leg_radius=0.014),
    "squashed wires": shapes.squashed(shapes.sub_voxel_wires(), 20.0),
    "squashed tree": shapes.squashed(shapes.branching_tree(), 100.0),
    "random network": shapes.random_network(0),
    "sharp random network": shapes.random_network(3, sharpness=100.0),
}


def solid(vertices: torch.Tensor, faces: torch.Tensor) -> trimesh.Trimesh:
    return trimesh.Trimesh(vertices.numpy(), faces.numpy(), process=False)


@pytest.mark.parametrize("grid", [16, 32, 33, 64, 101, 128])
def test_a_ball_keeps_its_radius_center_and_volume(grid):
    center, radius = (0.1, -0.2, 0.3), 0.55
    vertices, faces = extract_surface(shapes.ball(center, radius), grid=grid)
    spacing = 2 / (grid - 1)
    error = ((vertices - torch.tensor(center)).norm(dim=1) - radius).abs().max()
    assert error < spacing**2  # a chord's sagitta, spacing^2 / (8 radius), is below this
    assert solid(vertices, faces).volume == pytest.approx(4 / 3 * np.pi * radius**3, rel=4 * spacing**2 / radius**2)


@pytest.mark.parametrize("name", HARD_SHAPES)
@pytest.mark.parametrize("grid", [50, 64])
def test_sparse_sampling_gives_the_faces_of_dense_sampling(name, grid):
    vertices, faces = extract_surface(HARD_SHAPES[name], grid=grid)
    dense_vertices, dense_faces = extract_surface(HARD_SHAPES[name], grid=grid, dense=True)
    assert len(faces) > 100
    assert torch.equal(faces, dense_faces)
    torch.testing.assert_close(vertices, dense_vertices, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", HARD_SHAPES)
def test_hard_shapes_are_watertight_and_face_outward(name):
    mesh = solid(*extract_surface(HARD_SHAPES[name], grid=64))
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.volume > 0


def test_every_edge_of_a_noise_surface_joins_two_faces_of_the_same_orientation():
    noise = torch.randn(24**3, generator=torch.Generator().manual_seed(1))
    vertices, faces = extract_surface(lambda points: noise[: len(points)], grid=24)
    edges = torch.cat([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    unique = torch.unique(edges, dim=0)
    assert len(unique) == len(edges)
    assert torch.equal(unique, torch.unique(edges.flip(1), dim=0))
    assert len(torch.unique(faces)) == len(vertices)


def test_an_object_that_leaves_the_cube_is_closed_at_its_sides():
    vertices, faces = extract_surface(shapes.wire((-2, 0, 0), (2, 0, 0), 0.3), grid=48)
    assert solid(vertices, faces).is_watertight
    assert vertices[:, 0].max() == pytest.approx(1, abs=2 / 47)
    assert vertices.abs().max() > 1


def test_a_field_that_is_inside_everywhere_gives_a_closed_box():
    vertices, faces = extract_surface(lambda points: torch.ones(len(points)), grid=40)
    mesh = solid(vertices, faces)
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(2**3, rel=0.1)


@pytest.mark.parametrize("grid", [16, 64])
def test_a_field_that_is_outside_everywhere_gives_an_empty_surface(grid):
    vertices, faces = extract_surface(lambda points: -torch.ones(len(points)), grid=grid)
    assert vertices.shape == (0, 3)
    assert faces.shape == (0, 3)
    assert faces.dtype == torch.int64
    assert vertex_colors(lambda points: points, vertices).shape == (0, 3)


def test_another_level_moves_the_surface():
    vertices, _ = extract_surface(shapes.ball((0, 0, 0), 0.5), grid=64, level=0.2)
    assert vertices.norm(dim=1).mean() == pytest.approx(0.3, abs=1e-3)


def test_another_bound_samples_another_cube():
    vertices, _ = extract_surface(shapes.ball((0, 0, 0), 1.5), grid=64, bound=2.0)
    assert vertices.norm(dim=1).mean() == pytest.approx(1.5, abs=2e-3)


def test_a_chair_at_128_evaluates_less_than_a_quarter_of_the_grid():
    samples = sample_field(shapes.chair(), grid=128)
    assert 0 < samples.share < 0.25
    assert sample_field(shapes.chair(), grid=48, dense=True).share == 1


def test_no_point_is_evaluated_twice():
    evaluated = []
    shape = shapes.chair()
    samples = sample_field(lambda points: evaluated.append(points) or shape(points), grid=65)
    points = torch.cat(evaluated)
    assert len(torch.unique(points, dim=0)) == len(points) == samples.queries


def test_seeds_find_a_speck_between_all_corners():
    center = [85 * 2 / 127 - 1, 77 * 2 / 127 - 1, 57 * 2 / 127 - 1]  # a grid point inside a block
    speck = shapes.squashed(shapes.ball(tuple(center), 0.012), 3000.0)
    _, without_seeds = extract_surface(speck, grid=128)
    _, with_seeds = extract_surface(speck, grid=128, seeds=torch.tensor([center, [5.0, 0.0, 0.0]]))
    assert len(without_seeds) == 0
    assert len(with_seeds) == 8


def test_refining_moves_the_vertices_closer_to_the_surface():
    def field(points):
        return torch.tanh(8 * (0.25 - points.square().sum(1)))

    errors = [
        (extract_surface(field, grid=24, refine=rounds)[0].norm(dim=1) - 0.5).abs().max().item() for rounds in (0, 1, 2)
    ]
    assert errors[1] < errors[0] / 5
    assert errors[2] < errors[1]


def test_refining_changes_neither_the_faces_nor_the_closed_border():
    field = shapes.wire((-2, 0, 0), (2, 0, 0), 0.3)
    vertices, faces = extract_surface(field, grid=40, refine=2)
    plain_vertices, plain_faces = extract_surface(field, grid=40)
    is_cap = plain_vertices[:, 0].abs() > 1
    assert torch.equal(faces, plain_faces)
    assert torch.equal(vertices[is_cap], plain_vertices[is_cap])


def test_a_squeezed_border_shrinks_everything_by_the_same_factor():
    plain, faces = extract_surface(shapes.chair(), grid=40)
    squeezed, same_faces = extract_surface(shapes.chair(), grid=40, squeeze_border=True)
    assert torch.equal(faces, same_faces)
    torch.testing.assert_close(squeezed, plain * (39 / 41))


@pytest.mark.parametrize("shape", ["chair", "random network"])
def test_vertices_and_volume_agree_with_scikit_image(shape):
    field = {"chair": shapes.chair(), "random network": shapes.random_network(0)}[shape]
    vertices, faces = extract_surface(field, grid=64)
    values = torch.nn.functional.pad(sample_field(field, grid=64, dense=True).values, (1,) * 6, value=-1.0)
    other_vertices, other_faces, *_ = reference_marching_cubes(values.numpy(), 0.0, method="lorensen")
    other = trimesh.Trimesh(other_vertices * (2 / 63), other_faces)
    assert len(vertices) == len(other.vertices)
    assert solid(vertices, faces).volume == pytest.approx(abs(other.volume), rel=2e-3)


def test_a_field_with_nan_is_refused_with_the_likely_cause():
    with pytest.raises(ValueError, match="not finite.*weights"):
        extract_surface(lambda points: points.sum(1) * float("nan"), grid=16)


def test_a_field_with_a_wrong_output_shape_is_refused():
    with pytest.raises(ValueError, match=r"shape \(4096, 1\) for 4096 points"):
        extract_surface(lambda points: points[:, :1], grid=16)


@pytest.mark.parametrize("wrong", [{"grid": 1}, {"grid": 64, "coarse": 0}, {"grid": 64, "coarse": 3}])
def test_an_impossible_grid_is_refused(wrong):
    with pytest.raises(ValueError, match="give a"):
        extract_surface(shapes.chair(), **wrong)


def test_colors_are_evaluated_in_chunks_and_clamped():
    sizes = []
    vertices = torch.linspace(-2, 2, 30).reshape(10, 3)
    colors = vertex_colors(lambda points: sizes.append(len(points)) or points, vertices, chunk=4)
    assert sizes == [4, 4, 2]
    torch.testing.assert_close(colors, vertices.clamp(0, 1))
