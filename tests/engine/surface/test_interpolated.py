# SPDX-License-Identifier: GPL-3.0-or-later
"""Surfaces that are interpolated from a coarse lattice."""

import pytest
import torch

from blender_text3d.engine.surface.grid import grid_points
from blender_text3d.engine.surface.interpolated import (
    connected_interpolated_surface,
    fine_grid,
    interpolated_surface,
    newton_moves,
    with_midpoints,
    without_specks,
)
from blender_text3d.geometry.mesh_parts import is_watertight
from tests.engine.surface import shapes


class Lattice:
    """A field of the tests as a `LatticeField`, with the position as its other channels; it counts its points."""

    def __init__(self, depth):
        self.depth = depth
        self.points = 0

    def at_points(self, points):
        self.points += len(points)
        return torch.cat([self.depth(points)[:, None], points], dim=1)

    def on_lattice(self, grid, bound):
        def depths(flat):
            self.points += len(flat)
            return self.depth(grid_points(flat, grid, bound))

        return depths


BALL = shapes.ball((0.1, 0, -0.05), 0.6)


def curved(points):
    """Return a depth that is far from linear: the difference of fourth powers, zero on the same ball as `BALL`."""
    distance = (points - torch.tensor([0.1, 0, -0.05])).norm(dim=1)
    return 2 * (0.6**4 - distance**4)


@pytest.mark.parametrize("dense", [False, True])
def test_the_vertices_are_on_the_surface_of_a_curved_field(dense):
    surface = interpolated_surface(Lattice(curved), coarse=24, dense=dense)
    radii = (surface.vertices - torch.tensor([0.1, 0, -0.05])).norm(dim=1)
    assert (radii - 0.6).abs().max() < 3e-3  # a cell of the fine grid is 0.043 wide
    assert len(surface.vertices) > 1000
    assert is_watertight(surface.faces.numpy())


def test_the_newton_step_makes_the_surface_more_exact_than_the_sampled_one():
    from blender_text3d.engine.surface import extract_surface

    sampled, _ = extract_surface(lambda points: torch.tanh(curved(points)), grid=47)
    surface = interpolated_surface(Lattice(curved), coarse=24)
    errors = [curved(vertices).abs().mean() for vertices in (surface.vertices, sampled)]
    assert errors[0] < 0.3 * errors[1]


def test_the_lattice_needs_a_fraction_of_the_queries():
    field = Lattice(BALL)
    surface = interpolated_surface(field, coarse=32)
    assert field.points - len(surface.vertices) < 0.2 * 63**3


def test_the_channels_belong_to_the_vertices_they_stand_beside():
    surface, report = connected_interpolated_surface(Lattice(BALL), coarse=24, levels=[0.0])
    assert report.components == 1
    assert (surface.channels[:, 1:] - surface.vertices).abs().max() < 2 / 46


def test_specks_go_together_with_their_channels():
    field = shapes.union(shapes.ball((0, 0, 0), 0.5), shapes.ball((0.8, 0.8, 0.8), 0.045))
    surface, report = without_specks(interpolated_surface(Lattice(field), coarse=32))
    assert (report.components, report.dropped, report.watertight) == (1, 1, True)
    assert len(surface.channels) == len(surface.vertices) == int(surface.faces.max()) + 1
    assert (surface.channels[:, 1:] - surface.vertices).norm(dim=1).max() < 0.06


def test_an_object_that_leaves_the_cube_is_closed_at_its_sides():
    surface = interpolated_surface(Lattice(shapes.ball((0, 0, 0), 1.2)), coarse=24)
    assert is_watertight(surface.faces.numpy())
    assert surface.vertices.abs().max() < 1.0 + 2 / 46


def test_a_lower_level_connects_what_is_just_separate():
    """Two balls whose fields nearly touch."""
    field = shapes.union(shapes.ball((-0.4, 0, 0), 0.37), shapes.ball((0.4, 0, 0), 0.37))
    _, apart = connected_interpolated_surface(Lattice(field), coarse=32, levels=[0.0])
    _, joined = connected_interpolated_surface(Lattice(field), coarse=32, levels=[0.0, -0.1])
    assert (apart.components, joined.components) == (2, 1)


def test_a_field_without_a_surface_gives_no_vertices_and_no_channels():
    surface, report = connected_interpolated_surface(
        Lattice(lambda points: points[:, 0] * 0 - 1), coarse=24, levels=[0.0]
    )
    assert (len(surface.vertices), len(surface.faces), len(surface.channels), report.components) == (0, 0, 0, 0)


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="not finite"):
        interpolated_surface(Lattice(lambda points: points[:, 0] * torch.nan), coarse=24)


def test_a_newton_step_ends_on_a_plane_and_is_never_longer_than_allowed():
    gradient = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1e-3, 0.0]])
    moves = newton_moves(torch.tensor([0.5, 0.1, 0.1]), gradient, max_length=0.4)
    assert torch.allclose(moves, torch.tensor([[-0.25, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, -0.4, 0.0]]))


@pytest.mark.parametrize("count", [2, 3, 16])
def test_midpoints_are_those_of_a_trilinear_interpolation(count):
    values = torch.randn([count] * 3, generator=torch.Generator().manual_seed(count))
    size = fine_grid(count)
    fine = torch.nn.functional.interpolate(values[None, None], size=size, mode="trilinear", align_corners=True)[0, 0]
    framed = with_midpoints(values, border=-1.0)
    assert framed[1:-1, 1:-1, 1:-1].allclose(fine, rtol=0, atol=1e-6)
    framed[1:-1, 1:-1, 1:-1] = -1.0
    assert (framed == -1.0).all()
