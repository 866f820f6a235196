# SPDX-License-Identifier: GPL-3.0-or-later
"""Cleaning of a surface."""

import torch

from blender_text3d.engine.surface import extract_surface, keep_main
from tests.engine.surface import shapes


def test_a_speck_is_dropped_and_reported():
    field = shapes.union(shapes.ball((0, 0, 0), 0.5), shapes.ball((0.8, 0.8, 0.8), 0.04))
    vertices, faces, report = keep_main(*extract_surface(field, grid=64))
    assert (report.components, report.dropped, report.watertight) == (1, 1, True)
    assert vertices.norm(dim=1).max() < 0.51
    assert int(faces.max()) == len(vertices) - 1


def test_real_separate_parts_stay():
    field = shapes.union(shapes.ball((-0.5, 0, 0), 0.4), shapes.ball((0.5, 0, 0), 0.2))
    vertices, faces = extract_surface(field, grid=64)
    kept_vertices, kept_faces, report = keep_main(vertices, faces)
    assert (report.components, report.dropped) == (2, 0)
    assert torch.equal(kept_vertices, vertices)
    assert torch.equal(kept_faces, faces)


def test_a_separate_part_with_two_percent_of_the_area_stays():
    radius = 0.5 * 0.02**0.5  # the area grows with the square of the radius
    field = shapes.union(shapes.ball((-0.3, 0, 0), 0.5), shapes.ball((0.7, 0, 0), radius))
    vertices, faces = extract_surface(field, grid=96)
    _, _, report = keep_main(vertices, faces)
    assert (report.components, report.dropped) == (2, 0)
    _, _, strict = keep_main(vertices, faces, min_share=0.03)
    assert (strict.components, strict.dropped) == (1, 1)


def test_the_largest_part_stays_even_if_every_part_is_small():
    centers = [(x, y, z) for x in (-0.6, 0, 0.6) for y in (-0.6, 0, 0.6) for z in (-0.6, 0, 0.6)]
    field = shapes.union(*[shapes.ball(center, 0.1) for center in centers[1:]], shapes.ball(centers[0], 0.15))
    vertices, _, report = keep_main(*extract_surface(field, grid=48), min_share=0.9)
    assert (report.components, report.dropped) == (1, 26)
    assert vertices.max() < -0.4


def test_an_empty_surface_stays_empty():
    vertices, faces, report = keep_main(torch.zeros(0, 3), torch.zeros(0, 3, dtype=torch.int64))
    assert len(vertices) == len(faces) == 0
    assert (report.components, report.watertight, report.dropped) == (0, False, 0)


def test_degenerate_faces_are_removed_without_a_hole():
    """An octahedron through grid points: several vertices are at each of them."""
    vertices, faces = extract_surface(lambda points: 0.5 - points.abs().sum(1), grid=17)
    kept_vertices, kept_faces, report = keep_main(vertices, faces)
    corners = kept_vertices[kept_faces]
    areas = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).norm(dim=1)
    assert len(kept_faces) < len(faces)
    assert areas.min() > 0
    assert report.watertight


def test_a_hole_is_reported():
    vertices, faces = extract_surface(shapes.ball((0, 0, 0), 0.5), grid=24)
    assert not keep_main(vertices, faces[1:])[2].watertight
    assert not keep_main(vertices, torch.cat([faces[1:], faces[:1].flip(1)]))[2].watertight
