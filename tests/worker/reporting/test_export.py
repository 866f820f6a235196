# SPDX-License-Identifier: GPL-3.0-or-later
"""Exported files: other programs read the same data as Blender."""

import json
import struct

import numpy as np
import pytest
import trimesh

from blender_text3d.geometry import Mesh, PointCloud
from blender_text3d.worker.reporting.export import linear_from_srgb, save_glb, save_ply

RANDOM = np.random.default_rng(3)
VERTICES = RANDOM.normal(size=(40, 3)).astype(np.float32)
MESH = Mesh(VERTICES, RANDOM.permutation(120).reshape(40, 3).astype(np.int32) % 40, RANDOM.random((40, 3), np.float32))
CLOUD = PointCloud(VERTICES, MESH.colors)


def glb_parts(path) -> tuple[dict, bytes]:
    """Return the JSON and the binary chunk, parsed by hand. Source: glTF 2.0, section 4."""
    content = path.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", content)
    assert (magic, version, length) == (b"glTF", 2, len(content))
    (size,) = struct.unpack_from("<I", content, 12)
    return json.loads(content[20 : 20 + size]), content[20 + size + 8 :]


def accessor(tree: dict, binary: bytes, index: int) -> np.ndarray:
    info = tree["accessors"][index]
    view = tree["bufferViews"][info["bufferView"]]
    dtype = {5126: np.float32, 5125: np.uint32}[info["componentType"]]
    start = view.get("byteOffset", 0) + info.get("byteOffset", 0)
    columns = {"SCALAR": 1, "VEC3": 3}[info["type"]]
    return np.frombuffer(binary, dtype, info["count"] * columns, start).reshape(-1, columns)


@pytest.fixture
def glb(tmp_path):
    save_glb(tmp_path / "mesh.glb", MESH)
    tree, binary = glb_parts(tmp_path / "mesh.glb")
    (primitive,) = tree["meshes"][0]["primitives"]
    arrays = {name: accessor(tree, binary, index) for name, index in primitive["attributes"].items()}
    return arrays | {"faces": accessor(tree, binary, primitive["indices"]), "tree": tree}


def test_a_glb_holds_the_positions_with_y_up(glb):
    x, y, z = MESH.vertices.T
    np.testing.assert_array_equal(glb["POSITION"], np.stack([x, z, -y], axis=1))
    assert "matrix" not in str(glb["tree"]["nodes"]) or np.allclose(
        glb["tree"]["nodes"][0].get("matrix", np.eye(4).ravel()), np.eye(4).ravel()
    )


def test_a_glb_holds_the_faces_in_their_order(glb):
    np.testing.assert_array_equal(glb["faces"].reshape(-1, 3), MESH.faces)


def test_a_glb_holds_linear_colors_that_give_the_same_srgb_bytes(glb):
    linear = glb["COLOR_0"]
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(srgb, MESH.colors, atol=1e-6)


def test_a_glb_has_a_matte_material(glb):
    assert glb["tree"]["materials"][0]["pbrMetallicRoughness"]["metallicFactor"] == 0


def test_linear_colors_are_those_of_the_standard():
    srgb = np.array([0, 0.04045, 0.5, 1], np.float32)
    np.testing.assert_allclose(linear_from_srgb(srgb), [0, 0.04045 / 12.92, 0.2140411, 1], rtol=1e-5)


def test_a_mesh_ply_holds_positions_faces_and_srgb_bytes(tmp_path):
    save_ply(tmp_path / "mesh.ply", MESH)
    read = trimesh.load(tmp_path / "mesh.ply", process=False)
    np.testing.assert_array_equal(read.vertices.astype(np.float32), MESH.vertices)
    np.testing.assert_array_equal(read.faces, MESH.faces)
    np.testing.assert_array_equal(read.visual.vertex_colors[:, :3], np.rint(MESH.colors * 255))


def test_a_cloud_ply_holds_positions_and_srgb_bytes(tmp_path):
    save_ply(tmp_path / "cloud.ply", CLOUD)
    read = trimesh.load(tmp_path / "cloud.ply")
    np.testing.assert_array_equal(np.asarray(read.vertices, np.float32), CLOUD.points)
    np.testing.assert_array_equal(read.colors[:, :3], np.rint(CLOUD.colors * 255))


def test_colors_out_of_range_are_clipped(tmp_path):
    wild = Mesh(MESH.vertices, MESH.faces, MESH.colors * 4 - 1)
    save_ply(tmp_path / "mesh.ply", wild)
    colors = trimesh.load(tmp_path / "mesh.ply", process=False).visual.vertex_colors[:, :3]
    np.testing.assert_array_equal(colors, np.rint(wild.colors.clip(0, 1) * 255))
