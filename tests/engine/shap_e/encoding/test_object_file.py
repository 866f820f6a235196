# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of objects: colors, textures and up axes of each format, and files that cannot be encoded."""

import json
import struct

import numpy as np
import pytest
import trimesh
from PIL import Image
from trimesh.visual import TextureVisuals
from trimesh.visual.material import PBRMaterial

from blender_text3d.engine.shap_e.encoding.object_file import GRAY, BadObject, object_mesh
from blender_text3d.exports.glb import glb_bytes
from blender_text3d.exports.item import ExportItem
from blender_text3d.geometry.compact_mesh import CompactMesh, save_in_steps
from blender_text3d.geometry.srgb import linear_from_srgb, srgb_from_linear
from blender_text3d.geometry.textured_mesh import TexturedMesh, save_textured_mesh
from blender_text3d.system.run_steps import run_steps
from tests.exports.sample_jobs import BOX

TALL = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 3]], np.float32)
"""A triangle that is tall along Z."""


def triangle(vertices=TALL, faces=((0, 1, 2),), color=0.5):
    faces = np.array(faces, np.int32).reshape(-1, 3)
    count = len(faces)
    coordinates, textures = np.zeros((count, 3, 2), np.float32), np.full(count, -1, np.int32)
    return TexturedMesh(vertices, faces, np.full((count, 3, 3), color, np.float32), coordinates, textures)


@pytest.fixture
def from_blender(tmp_path):
    def read(mesh):
        save_textured_mesh(tmp_path / "object.npz", mesh)
        return object_mesh(tmp_path / "object.npz")

    return read


@pytest.mark.parametrize(("suffix", "height"), [("glb", 1), ("obj", 1), ("ply", 2), ("stl", 2)])
def test_each_format_has_its_own_up_axis(tmp_path, suffix, height):
    vertices = TALL if height == 2 else TALL[:, [0, 2, 1]]
    trimesh.Trimesh(vertices, [[0, 1, 2]], process=False).export(tmp_path / f"object.{suffix}")
    mesh = object_mesh(tmp_path / f"object.{suffix}")
    assert np.ptp(mesh.vertices, axis=0).argmax() == 2
    assert mesh.vertices.max() == 3


def test_the_colors_of_our_own_glb_come_back(tmp_path):
    path = tmp_path / "object.glb"
    path.write_bytes(glb_bytes(ExportItem(BOX, "a box", {})))
    mesh = object_mesh(path)
    assert np.allclose(mesh.colors, BOX.colors[BOX.faces], atol=0.01)
    assert np.ptp(BOX.colors, axis=0).max() > 0.1


def test_vertex_colors_of_a_glb_are_linear(tmp_path):
    trimesh.Trimesh(TALL, [[0, 1, 2]], vertex_colors=[[55, 55, 55, 255]] * 3, process=False).export(tmp_path / "o.glb")
    assert np.allclose(object_mesh(tmp_path / "o.glb").colors, 0.5, atol=0.01)


def test_the_color_of_a_material_multiplies_those_of_vertices(tmp_path):
    content = glb_bytes(ExportItem(BOX, "a box", {}))
    length = int.from_bytes(content[12:16], "little")
    tree = json.loads(content[20 : 20 + length])
    tree["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"] = [1.0, 0.25, 1.0, 1.0]
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    rest = content[20 + length :]
    head = b"glTF" + struct.pack("<II", 2, 20 + len(text) + len(rest)) + struct.pack("<I", len(text)) + b"JSON"
    (tmp_path / "o.glb").write_bytes(head + text + rest)
    expected = BOX.colors * [1, 0, 1] + srgb_from_linear(linear_from_srgb(BOX.colors) * 0.25) * [0, 1, 0]
    assert np.allclose(object_mesh(tmp_path / "o.glb").colors, expected[BOX.faces], atol=0.01)


@pytest.mark.parametrize("suffix", ["glb", "ply"])
def test_vertex_colors_are_kept(tmp_path, suffix):
    colors = np.array([[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]], np.uint8)
    trimesh.Trimesh(TALL, [[0, 1, 2]], vertex_colors=colors, process=False).export(tmp_path / f"object.{suffix}")
    assert np.allclose(object_mesh(tmp_path / f"object.{suffix}").colors[0], np.eye(3), atol=0.01)


def test_a_texture_colors_the_points_of_its_faces(tmp_path):
    picture = np.zeros((2, 2, 3), np.uint8)
    picture[0, 1] = 0, 255, 0  # the upper right
    material = PBRMaterial(baseColorTexture=Image.fromarray(picture))
    visual = TextureVisuals(uv=[[0.9, 0.9]] * 3, material=material)
    trimesh.Trimesh(TALL, [[0, 1, 2]], visual=visual, process=False).export(tmp_path / "object.glb")
    mesh = object_mesh(tmp_path / "object.glb")
    assert np.allclose(mesh.base_colors(np.array([0]), np.full((1, 3), 1 / 3)), [[0, 1, 0]])


def test_a_missing_texture_leaves_the_base_color(tmp_path):
    (tmp_path / "object.mtl").write_text("newmtl m\nKd 1 0 0\nmap_Kd gone.png\n")
    rows = ["mtllib object.mtl", "v 0 0 0", "v 1 0 0", "v 0 1 0", "vt 0 0", "vt 1 0", "vt 0 1", "usemtl m"]
    (tmp_path / "object.obj").write_text("\n".join([*rows, "f 1/1 2/2 3/3", ""]))
    mesh = object_mesh(tmp_path / "object.obj")
    assert mesh.textures == ()
    assert np.isfinite(mesh.colors).all()


def test_without_a_material_an_object_is_gray(tmp_path):
    trimesh.Trimesh(TALL, [[0, 1, 2]], process=False).export(tmp_path / "object.stl")
    assert np.allclose(object_mesh(tmp_path / "object.stl").colors, GRAY)


def test_faces_at_places_that_are_not_finite_are_left_out(from_blender):
    vertices = np.concatenate([TALL, [[np.nan, 0, 0]]]).astype(np.float32)
    mesh = from_blender(triangle(vertices, [[0, 1, 2], [0, 1, 3]]))
    assert mesh.faces.tolist() == [[0, 1, 2]]
    assert np.isfinite(mesh.vertices).all()


@pytest.mark.parametrize(
    ("mesh", "text"),
    [
        (triangle(faces=()), "has no faces"),
        (triangle(np.full((3, 3), np.nan, np.float32)), "no face of finite size"),
        (triangle(np.ones((3, 3), np.float32)), "no face of finite size"),
        (triangle(color=np.nan), "no face of finite size"),
    ],
    ids=["no faces", "NaN", "one point", "NaN color"],
)
def test_an_object_without_a_surface_is_refused_with_a_sentence(from_blender, mesh, text):
    with pytest.raises(BadObject, match=text):
        from_blender(mesh)


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("object.glb", b"glTF" + bytes(40), "cannot be used"),
        ("object.glb", b"glTF" + struct.pack("<4I", 2, 24, 4, 0x4E4F534A) + b'{"a ', "it is damaged or incomplete"),
        ("object.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "it is damaged or incomplete"),
        ("object.obj", b"", "cannot be used|has no faces"),
        ("object.npz", b"nothing", "cannot be used"),
        ("object.fbx", b"x", "no object file. Choose a file of the formats GLB"),
    ],
)
def test_a_damaged_or_unknown_file_is_refused(tmp_path, name, content, text):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadObject, match=text):
        object_mesh(tmp_path / name)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BadObject, match=r"gone\.npz cannot be read"):
        object_mesh(tmp_path / "gone.npz")


def glb_with_colors(colors, component):
    """Return a triangle of these colors, without a material, as a GLB."""
    rows = np.zeros((3, 4), colors.dtype)
    rows[:, :3] = colors
    binary = TALL.tobytes() + rows.tobytes()
    accessors = [
        {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 0, 3]},
        {"bufferView": 1, "componentType": component, "normalized": component != 5126, "count": 3, "type": "VEC4"},
    ]
    tree = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "COLOR_0": 1}}]}],
        "buffers": [{"byteLength": len(binary)}], "accessors": accessors,
        "bufferViews": [
            {"buffer": 0, "byteLength": TALL.nbytes},
            {"buffer": 0, "byteOffset": TALL.nbytes, "byteLength": rows.nbytes},
        ],
    }  # fmt: skip
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    binary += bytes(-len(binary) % 4)
    chunks = struct.pack("<I", len(text)) + b"JSON" + text + struct.pack("<I", len(binary)) + b"BIN\0" + binary
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks


@pytest.mark.parametrize(
    ("dtype", "component", "most"), [("u1", 5121, 255), ("u2", 5123, 65535), ("f4", 5126, 1)], ids=["8", "16", "float"]
)
def test_vertex_colors_of_any_width_are_read_without_a_material(tmp_path, dtype, component, most):
    shares = np.array([[0.25, 0.5, 1], [0.1, 0.2, 0.3], [0, 0.6, 0.9]])
    stored = (shares * most).round() if most > 1 else shares
    (tmp_path / "o.glb").write_bytes(glb_with_colors(stored.astype(dtype), component))
    assert np.allclose(object_mesh(tmp_path / "o.glb").colors[0], srgb_from_linear(shares), atol=0.02)


def test_a_texture_in_a_file_of_blender_may_be_the_bytes_of_an_image(tmp_path):
    picture = np.zeros((4, 2, 3), np.uint8)
    picture[:, 1] = 0, 0, 255
    Image.fromarray(picture).save(tmp_path / "blue.png")
    content = np.frombuffer((tmp_path / "blue.png").read_bytes(), np.uint8)
    places = np.full((1, 3, 2), 0.75, np.float32)
    white, first = np.full((1, 3, 3), 255, np.uint8), np.zeros(1, np.int32)
    faces = np.array([[0, 1, 2]], np.int32)
    run_steps(save_in_steps(tmp_path / "o.npz", CompactMesh(TALL, faces, white, places, first, (content,))))
    mesh = object_mesh(tmp_path / "o.npz")
    assert mesh.textures[0].shape == (4, 2, 3)
    assert np.allclose(mesh.base_colors(np.array([0]), np.full((1, 3), 1 / 3)), [[0, 0, 1]])
    broken = CompactMesh(TALL, faces, white, places, first, (content[:40],))
    run_steps(save_in_steps(tmp_path / "o.npz", broken))
    with pytest.raises(BadObject, match="a texture is damaged"):
        object_mesh(tmp_path / "o.npz")


def test_a_file_of_blender_without_textures_is_small(tmp_path):
    empty = np.zeros((0, 3, 2), np.float32)
    faces, gray = np.array([[0, 1, 2]], np.int32), np.full((1, 3, 3), 51, np.uint8)
    mesh = CompactMesh(TALL, faces, gray, empty, np.array([-1], np.int32))
    run_steps(save_in_steps(tmp_path / "o.npz", mesh))
    assert np.allclose(object_mesh(tmp_path / "o.npz").colors, 0.2)


def test_a_million_triangles_are_read(from_blender):
    side = 710
    grid = np.stack(np.meshgrid(np.arange(side + 1), np.arange(side + 1), indexing="ij"), axis=-1).reshape(-1, 2)
    vertices = np.column_stack([grid, (grid * grid).sum(1) / side]).astype(np.float32)
    corner = (np.arange(side)[:, None] * (side + 1) + np.arange(side)).reshape(-1, 1)
    faces = np.concatenate([corner + [0, side + 1, 1], corner + [1, side + 1, side + 2]])
    mesh = from_blender(triangle(vertices, faces))
    assert len(mesh.faces) == 2 * side * side > 1_000_000
    assert np.array_equal(mesh.vertices, vertices)
