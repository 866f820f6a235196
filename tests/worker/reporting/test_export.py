# SPDX-License-Identifier: GPL-3.0-or-later
"""Exported files: other programs read the same data as Blender."""

import json
import struct
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import trimesh

from blender_text3d.geometry import Mesh, PointCloud, load_geometry, load_views
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.worker.reporting.export import geometry_writers, linear_from_srgb, other_writers, save_glb, save_ply
from tests.worker.rerun.sample_views import example_views

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


FILES = {
    "mesh": "mesh.npz", "cloud": "cloud.npz", "latent": "latent.npz", "glb": "mesh.glb", "ply": "mesh.ply",
    "cloud_ply": "cloud.ply", "views": "views.npz", "view_images": "views",
}  # fmt: skip
"""Every file of a result, in the order of writing: what Blender reads comes first."""


def all_writers(folder, result):
    return geometry_writers(folder, result) | other_writers(folder, result)


def test_what_blender_imports_is_written_first(tmp_path):
    result = SimpleNamespace(mesh=MESH, cloud=CLOUD, latent=np.arange(4.0), views=example_views(), weights_sha256="ab")
    assert list(geometry_writers(JobFolder(tmp_path), result)) == ["mesh", "cloud"]


@pytest.mark.parametrize(
    ("lacking", "missing"),
    [((), ()), (("mesh",), ("mesh", "glb", "ply")), (("cloud",), ("cloud", "cloud_ply")), (("latent",), ("latent",)),
     (("views",), ("views", "view_images")), (("mesh", "cloud", "latent", "views"), tuple(FILES))],
)  # fmt: skip
def test_a_result_has_a_file_for_each_of_its_parts_in_the_order_of_use(tmp_path, lacking, missing):
    parts = {"mesh": MESH, "cloud": CLOUD, "latent": np.arange(4.0), "views": example_views()}
    result = SimpleNamespace(**parts | dict.fromkeys(lacking), weights_sha256="ab")
    found = all_writers(JobFolder(tmp_path), result)
    assert [(name, path) for name, (path, _) in found.items()] == [
        (name, tmp_path / file) for name, file in FILES.items() if name not in missing
    ]


def test_each_file_has_its_part_of_the_result(tmp_path):
    result = SimpleNamespace(
        mesh=MESH, cloud=CLOUD, latent=np.arange(4.0, dtype=np.float32), views=example_views(), weights_sha256="ab" * 32
    )
    for name, (path, write) in all_writers(JobFolder(tmp_path), result).items():
        write(path.with_name(f"{name} of the test{path.suffix}"))
    files = {path.name.split(" ")[0]: path for path in Path(tmp_path).iterdir()}
    np.testing.assert_array_equal(load_geometry(files["mesh"]).faces, MESH.faces)
    np.testing.assert_array_equal(load_geometry(files["cloud"]).points, CLOUD.points)
    np.testing.assert_array_equal(load_views(files["views"]).images, result.views.images)
    with np.load(files["latent"], allow_pickle=False) as latent:
        np.testing.assert_array_equal(latent["latent"], result.latent)
        assert str(latent["weights_sha256"]) == "ab" * 32
    assert files["glb"].read_bytes()[:4] == b"glTF"
    assert len(trimesh.load(files["ply"], process=False).faces) == 40
    assert len(trimesh.load(files["cloud_ply"]).vertices) == 40
    assert (files["view_images"] / "cameras.json").is_file()


def test_a_glb_has_one_mesh_called_object_with_normals_and_a_rough_double_sided_material(glb):
    tree = glb["tree"]
    (material,) = tree["materials"]
    assert material == {
        "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.8}, "doubleSided": True,
    }  # fmt: skip
    assert [primitive["material"] for mesh in tree["meshes"] for primitive in mesh["primitives"]] == [0]
    assert "object" in {node.get("name") for node in tree["nodes"]}
    lengths = np.linalg.norm(glb["NORMAL"], axis=1)
    assert np.median(lengths) == pytest.approx(1)
    assert set(tree["meshes"][0]["primitives"][0]["attributes"]) == {"POSITION", "NORMAL", "COLOR_0"}


@pytest.mark.parametrize("save", [save_glb, save_ply])
def test_a_file_that_cannot_be_written_completely_leaves_the_old_one(tmp_path, save):
    path = tmp_path / "mesh.file"
    path.write_bytes(b"old")
    (tmp_path / "mesh.file.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        save(path, MESH)
    assert path.read_bytes() == b"old"


def test_equal_vertices_and_faces_without_area_are_kept(tmp_path):
    vertices = np.float32([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0]])
    mesh = Mesh(vertices, np.int32([[0, 1, 2], [3, 1, 2], [0, 0, 1]]), np.zeros((4, 3), np.float32))
    save_ply(tmp_path / "mesh.ply", mesh)
    save_glb(tmp_path / "mesh.glb", mesh)
    read = trimesh.load(tmp_path / "mesh.ply", process=False)
    assert (read.vertices.tolist(), read.faces.tolist()) == (mesh.vertices.tolist(), mesh.faces.tolist())
    tree, binary = glb_parts(tmp_path / "mesh.glb")
    (primitive,) = tree["meshes"][0]["primitives"]
    assert len(accessor(tree, binary, primitive["attributes"]["POSITION"])) == 4
    assert accessor(tree, binary, primitive["indices"]).reshape(-1, 3).tolist() == mesh.faces.tolist()
