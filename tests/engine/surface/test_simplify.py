# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
import trimesh

from blender_text3d.engine.surface import extract_surface, keep_main
from blender_text3d.engine.surface.collapse import collapses, pinched_vertices, without_bubbles
from blender_text3d.engine.surface.simplify import MIN_FACES, simplified, topology_of
from blender_text3d.geometry import Mesh
from scripts.bench.mesh_quality import mesh_quality
from tests.engine.surface.shapes import chair, separate_balls, thin_plates

SPHERE = trimesh.creation.icosphere(3)
TETRAHEDRON = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]])
SHEET = trimesh.creation.box((1, 1, 1e-3)).subdivide().subdivide().subdivide()
TORUS = trimesh.creation.torus(1, 0.3)


def colored(vertices, faces) -> Mesh:
    """Return a mesh whose left half is red and whose right half is blue."""
    vertices = np.asarray(vertices, np.float32)
    colors = np.where(vertices[:, :1] < 0, [[0.9, 0.1, 0.1]], [[0.1, 0.2, 0.8]]).astype(np.float32)
    return Mesh(vertices, np.asarray(faces, np.int32), colors)


def extracted(field, grid: int = 64) -> Mesh:
    vertices, faces, _ = keep_main(*extract_surface(field, grid=grid))
    return colored(vertices.numpy(), faces.numpy())


def topology(mesh: Mesh):
    return topology_of(mesh.faces.astype(np.int64), len(mesh.vertices))


@pytest.fixture(scope="module")
def full() -> Mesh:
    return extracted(chair())


@pytest.mark.parametrize(("budget", "color_error"), [(3000, 2.5), (10_000, 1.0)])
def test_a_chair_keeps_its_shape_and_colors_and_has_no_slivers(full, budget, color_error):
    mesh = simplified(full, budget)
    assert len(mesh.faces) <= min(budget, 0.75 * len(full.faces))
    assert topology(mesh) == topology(full)
    before, after = mesh_quality(full, full), mesh_quality(full, mesh)
    assert before.angle_deg < 5
    assert after.angle_deg > 12
    assert after.distance_percent < 0.1
    assert after.color_error < color_error
    assert after.flipped_percent < 0.1


def test_thin_plates_stay_apart_and_closed():
    full = extracted(thin_plates())
    mesh = simplified(full, 2000)
    assert len(mesh.faces) <= 2000
    assert topology(mesh) == topology(full)
    assert topology(mesh).is_closed
    assert mesh_quality(full, mesh).distance_percent < 0.15


HOSTILE = {
    "two parts": trimesh.util.concatenate([SPHERE, SPHERE.copy().apply_translation((3, 0, 0))]),
    "a part of a thousandth": trimesh.util.concatenate(
        [SPHERE, SPHERE.copy().apply_scale(0.02).apply_translation((3, 0, 0))]
    ),
    "a thin sheet": SHEET,
    "a torus": TORUS,
    "an open surface": trimesh.Trimesh(SPHERE.vertices, SPHERE.faces[SPHERE.triangles_center[:, 2] > 0]),
    "a tiny sphere": SPHERE.copy().apply_scale(1e-6),
    "a huge sphere": SPHERE.copy().apply_scale(1e6),
    "a sphere far away": SPHERE.copy().apply_translation((1000, 0, 0)),
    "a tetrahedron": trimesh.Trimesh(np.vstack([np.zeros(3), np.eye(3)]), TETRAHEDRON, process=False),
    "a triangle": trimesh.Trimesh(np.eye(3), [[0, 1, 2]], process=False),
    "faces without area": trimesh.Trimesh(np.zeros((9, 3)), np.arange(9).reshape(3, 3), process=False),
    "faces with one corner": trimesh.Trimesh(np.eye(3), [[0, 0, 0], [1, 1, 2]] * 4, process=False),
    "duplicated faces": trimesh.Trimesh(SPHERE.vertices, np.tile(SPHERE.faces, (2, 1)), process=False),
    "an edge of three faces": trimesh.Trimesh(
        np.vstack([SPHERE.vertices, [[0, 0, 9]]]), [*SPHERE.faces, [*SPHERE.faces[0][:2], 642]], process=False
    ),
}


@pytest.mark.parametrize("budget", [4, 100, 10_000_000])
@pytest.mark.parametrize("name", HOSTILE)
def test_any_mesh_keeps_its_parts_and_holes(name, budget):
    full = colored(HOSTILE[name].vertices, HOSTILE[name].faces)
    mesh = simplified(full, budget)
    assert topology(mesh) == topology(full)
    assert len(mesh.faces) <= len(full.faces)
    assert np.isfinite(mesh.vertices).all()
    assert ((mesh.colors >= 0) & (mesh.colors <= 1)).all()


def test_a_torus_keeps_its_hole_even_if_that_takes_more_faces_than_the_budget():
    mesh = simplified(colored(TORUS.vertices, TORUS.faces), MIN_FACES)
    assert topology(mesh) == (True, 1, 0)
    assert MIN_FACES < len(mesh.faces) < 100


def test_many_separate_parts_stay_as_many():
    full = extracted(separate_balls())
    mesh = simplified(full, 800)
    assert len(mesh.faces) <= 800
    assert topology(mesh) == topology(full)
    assert topology(mesh).parts > 5


def test_full_is_the_mesh_itself(full):
    assert simplified(full, 0) is full


def test_an_even_mesh_within_its_budget_stays_as_it_is():
    mesh = colored(SPHERE.vertices, SPHERE.faces)
    assert simplified(mesh, len(mesh.faces)) is mesh
    assert len(simplified(mesh, len(mesh.faces) - 1).faces) < len(mesh.faces)


def test_a_mesh_without_faces_stays_so():
    empty = Mesh(*(np.empty((0, 3), kind) for kind in (np.float32, np.int32, np.float32)))
    assert simplified(empty, 3000) is empty


def test_the_same_mesh_gives_the_same_bytes(full):
    first, second = simplified(full, 3000), simplified(full, 3000)
    for name in ("vertices", "faces", "colors"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()


def test_a_piece_that_hangs_on_an_edge_is_dropped_if_it_is_small():
    shared = SPHERE.faces[0][:2]
    points = np.vstack([SPHERE.vertices, SPHERE.vertices[shared[0]] * 1.1, SPHERE.vertices[shared[1]] * 1.1])
    bubble = np.array([*shared, len(SPHERE.vertices), len(SPHERE.vertices) + 1])[TETRAHEDRON]
    faces = np.vstack([SPHERE.faces, bubble])
    assert not topology_of(faces, len(points)).is_closed
    np.testing.assert_array_equal(without_bubbles(points, faces), SPHERE.faces)
    points[-2:] *= 10
    np.testing.assert_array_equal(without_bubbles(points, faces), faces)


def beads(sides: int) -> trimesh.Trimesh:
    """Return three beads on a rod with two thin necks."""
    height = np.linspace(0, 1, 200)
    radius = 0.3 * np.abs(np.sin(3 * np.pi * height)) + 0.02
    mesh = trimesh.creation.revolve(np.vstack([[0, 0], np.stack([radius, height], axis=1), [0, 1]]), sections=sides)
    mesh.merge_vertices()
    return mesh


def test_a_thin_neck_that_a_collapse_would_pinch_is_kept_within_the_budget(monkeypatch):
    monkeypatch.setattr("blender_text3d.engine.surface.collapse.AGGRESSIVENESS", (7.0,))  # the careless one
    monkeypatch.setattr("blender_text3d.engine.surface.collapse.NECK_SIZE", 0.01)
    mesh = beads(16)
    points, faces = mesh.vertices.astype(np.float64), mesh.faces.astype(np.int64)
    plain, without, around = collapses(points, faces, 640)
    assert len(pinched_vertices(*plain))
    assert topology_of(without[1], len(without[0])).parts > 1
    assert topology_of(around[1], len(around[0])) == (True, 1, 2)
    assert len(around[1]) <= 640
    full = colored(mesh.vertices, mesh.faces)
    assert topology(simplified(full, 640)) == (True, 1, 2)
    assert len(simplified(full, 640).faces) <= 640
