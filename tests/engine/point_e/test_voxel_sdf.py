# SPDX-License-Identifier: GPL-3.0-or-later
"""The small Point-E's signed distance: splatting, spline interpolation, and a network that learns."""

import numpy as np
import pytest
import torch

from blender_text3d.engine.point_e.grid_splines import (
    interpolate_splines,
    smooth_coefficients,
    splat_points,
    spline_lattice,
)
from blender_text3d.engine.point_e.mesh import CloudMeshing, mesh_of_cloud
from blender_text3d.engine.point_e.voxel_sdf import (
    VoxelPointCloudSDFModel,
    VoxelSDFConfig,
    depth_to_space,
    space_to_depth,
)
from blender_text3d.geometry import PointCloud

SMALL = VoxelSDFConfig(8, (8, 16))


def drawn(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def made(config=SMALL):
    torch.manual_seed(0)
    return VoxelPointCloudSDFModel(config).eval().requires_grad_(False)


def test_splatting_keeps_the_number_and_the_mean_of_the_points():
    points = drawn(2, 3, 50) * 7
    weights = splat_points(points, 8).expm1()
    assert torch.allclose(weights.sum((1, 2, 3)), torch.tensor([50.0, 50.0]), atol=1e-3)
    line = torch.arange(8.0)
    assert torch.allclose((weights.sum((2, 3)) * line).sum(1) / 50, points[:, 0].mean(1), atol=1e-3)
    assert torch.allclose((weights.sum((1, 2)) * line).sum(1) / 50, points[:, 2].mean(1), atol=1e-3)


def test_points_outside_the_grid_go_to_its_border():
    outside = torch.tensor([[-5.0, 3.0, 99.0]]).view(1, 3, 1)
    assert splat_points(outside, 8)[0, 0, 3, 7] > 0
    assert splat_points(outside, 8).expm1().sum().item() == torch.tensor(1.0)


def test_splines_reproduce_a_linear_function_and_have_a_continuous_slope():
    slope, line = torch.tensor([0.5, -2.0, 3.0]), torch.arange(8.0)
    grid = slope[0] * line[:, None, None] + slope[1] * line[:, None] + slope[2] * line
    points = 1 + drawn(1, 3, 40) * 5
    assert torch.allclose(interpolate_splines(grid[None], points), (slope @ points[0])[None], atol=1e-4)
    x = torch.tensor([2.98, 2.99, 3.0, 3.01, 3.02]).expand(1, 3, 5)
    values = interpolate_splines(drawn(1, 8, 8, 8) * 10, x)[0]
    slopes = values.diff() / 0.01
    assert slopes.diff().abs().max() < 0.1 * slopes.abs().max() + 0.5


def test_smoothing_removes_what_alternates_and_keeps_what_is_linear():
    line = torch.arange(8.0)
    alternating = (-1) ** (line[:, None, None] + 2 * line[:, None] + 0 * line)
    linear = 0.5 * line[:, None, None] - 2 * line[:, None] + 3 * line
    both = torch.stack([alternating, linear])
    smoothed = smooth_coefficients(both)[:, 1:-1, 1:-1, 1:-1]
    assert torch.allclose(smoothed[0], torch.zeros(6, 6, 6), atol=1e-6)
    assert torch.allclose(smoothed[1], linear[1:-1, 1:-1, 1:-1], atol=1e-5)
    assert smooth_coefficients(both)[1].mean().item() == pytest.approx(linear.mean().item(), abs=1e-4)


def test_splines_on_a_lattice_are_those_at_its_points_also_beyond_the_grid():
    coefficients, along = drawn(2, 8, 8, 8) - 0.5, drawn(13) * 16 - 4
    points = torch.cartesian_prod(along, along, along).T.expand(2, 3, -1)
    expected = interpolate_splines(coefficients, points).view(2, 13, 13, 13)
    torch.testing.assert_close(spline_lattice(coefficients, along), expected, atol=1e-6, rtol=1e-5)


def test_depth_to_space_undoes_space_to_depth():
    grid = drawn(2, 8, 8, 8)
    assert torch.equal(depth_to_space(space_to_depth(grid)), grid)
    assert torch.equal(space_to_depth(grid)[:, 6], grid[:, 1::2, 1::2, ::2])


def test_queries_in_parts_give_the_same_distances_as_at_once():
    net, cloud, points = made(), drawn(2, 3, 40) - 0.5, drawn(2, 3, 50) * 2.4 - 1.2
    encoded = net.encode(cloud)
    parts = torch.cat([net.query(part, encoded) for part in points.split(17, dim=2)], dim=1)
    torch.testing.assert_close(parts, net(cloud, points))
    assert parts.isfinite().all()
    assert net(cloud * 0.5, points).sub(parts).abs().max() > 1e-3


def test_a_cloud_is_encoded_the_same_in_any_order_and_any_batch():
    net, cloud, points = made(), drawn(2, 3, 40) - 0.5, drawn(2, 3, 50) - 0.5
    together = net(cloud, points)
    torch.testing.assert_close(net(cloud.flip(2), points), together, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(net(cloud[1:], points[1:]), together[1:], atol=1e-5, rtol=1e-4)


def balls(count):
    """(clouds (B, 3, 200), queries (B, 3, 300), distances (B, 300), positive inside) of random balls."""
    radius, middle = 0.3 + 0.4 * torch.rand(count, 1, 1), 0.4 * torch.rand(count, 3, 1) - 0.2
    directions = torch.nn.functional.normalize(torch.randn(count, 3, 200), dim=1)
    queries = 2 * torch.rand(count, 3, 300) - 1
    return middle + radius * directions, queries, radius[:, 0] - (queries - middle).norm(dim=1)


def trained():
    """A small network that was trained on some balls."""
    torch.manual_seed(0)
    net = VoxelPointCloudSDFModel(SMALL)
    optimizer = torch.optim.Adam(net.parameters(), 5e-3)
    for _ in range(80):
        cloud, queries, distances = balls(8)
        loss = (net(cloud, queries) - distances.clamp(-0.2, 0.2)).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net.eval().requires_grad_(False)


def test_a_network_trained_on_balls_meshes_other_balls():
    net = trained()
    cloud, queries, distances = balls(16)
    inside, truth = net(cloud, queries) > 0, distances > 0
    assert (inside & truth).sum() / (inside | truth).sum() > 0.7
    points = cloud[0].T.numpy()
    meshing = CloudMeshing(model_from_network=1.0)
    mesh = mesh_of_cloud(net, PointCloud(points, np.zeros_like(points)), 32, torch.device("cpu"), meshing)
    middle, radius = points.mean(0), np.linalg.norm(points - points.mean(0), axis=1).mean()
    assert abs(np.linalg.norm(mesh.vertices - middle, axis=1).mean() - radius) < 0.15
