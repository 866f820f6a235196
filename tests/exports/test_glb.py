# SPDX-License-Identifier: GPL-3.0-or-later
"""GLB files: what game engines and viewers rely on."""

import json
import struct

import numpy as np
import pytest

from blender_text3d.exports.glb import MAX_SHORT_INDICES, glb_bytes
from blender_text3d.exports.item import ExportItem
from blender_text3d.geometry import Mesh, PointCloud
from tests.exports.sample_jobs import BOX, sphere_cloud

RANDOM = np.random.default_rng(3)
VERTICES = RANDOM.normal(size=(40, 3)).astype(np.float32)
MESH = Mesh(VERTICES, RANDOM.permutation(120).reshape(40, 3).astype(np.int32) % 40, RANDOM.random((40, 3), np.float32))
RECIPE = {"prompt": "a red chair", "model": "mini/shap-e", "seed": 7, "job_id": "20261129-a-red-chair"}
DTYPES = {5126: np.float32, 5125: np.uint32, 5123: np.uint16, 5120: np.int8}


def glb_parts(content: bytes) -> tuple[dict, bytes]:
    """Return the JSON and the binary chunk, parsed by hand. Source: glTF 2.0, section 4."""
    magic, version, length = struct.unpack_from("<4sII", content)
    assert (magic, version, length) == (b"glTF", 2, len(content))
    (size,) = struct.unpack_from("<I", content, 12)
    return json.loads(content[20 : 20 + size]), content[20 + size + 8 :]


def accessor(tree: dict, binary: bytes, index: int) -> np.ndarray:
    info = tree["accessors"][index]
    view = tree["bufferViews"][info["bufferView"]]
    columns = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}[info["type"]]
    dtype = np.dtype(DTYPES[info["componentType"]])
    stride = view.get("byteStride", dtype.itemsize * columns)
    rows = np.frombuffer(binary, np.uint8, info["count"] * stride, view["byteOffset"]).reshape(-1, stride)
    return np.ascontiguousarray(rows[:, : dtype.itemsize * columns]).view(dtype)


def arrays_of(geometry, name="a red chair") -> dict:
    tree, binary = glb_parts(glb_bytes(ExportItem(geometry, name, RECIPE)))
    (primitive,) = tree["meshes"][0]["primitives"]
    arrays = {name: accessor(tree, binary, index) for name, index in primitive["attributes"].items()}
    faces = accessor(tree, binary, primitive["indices"]) if "indices" in primitive else None
    return arrays | {"faces": faces, "tree": tree, "primitive": primitive}


@pytest.fixture
def glb():
    return arrays_of(MESH)


def test_a_glb_holds_the_positions_with_y_up_and_their_bounds(glb):
    x, y, z = MESH.vertices.T
    np.testing.assert_array_equal(glb["POSITION"], np.stack([x, z, -y], axis=1))
    info = glb["tree"]["accessors"][glb["primitive"]["attributes"]["POSITION"]]
    np.testing.assert_array_equal(
        np.float32([info["min"], info["max"]]), [glb["POSITION"].min(0), glb["POSITION"].max(0)]
    )
    assert glb["tree"]["nodes"][0].keys() == {"name", "mesh", "extras"}


def test_a_glb_holds_the_faces_in_their_order(glb):
    np.testing.assert_array_equal(glb["faces"].reshape(-1, 3), MESH.faces)


def test_a_glb_holds_linear_colors_that_give_the_same_srgb_bytes(glb):
    linear = glb["COLOR_0"]
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(srgb, MESH.colors, atol=1e-6)


@pytest.mark.parametrize(
    "name", ["a red chair", "ein röter Stuhl", "红色的椅子", 'a "quoted" mug \\ with {braces}', "🪑"]
)
def test_node_mesh_and_material_are_named_after_the_prompt(name):
    tree = arrays_of(BOX, name)["tree"]
    assert [tree[kind][0]["name"] for kind in ("nodes", "meshes", "materials", "scenes")] == [name] * 4


def test_the_extras_hold_the_recipe_as_the_addon_reads_it(glb):
    extras = glb["tree"]["nodes"][0]["extras"]
    assert (extras["prompt"], extras["model"], extras["seed"]) == ("a red chair", "mini/shap-e", 7)
    assert json.loads(extras["text3d_recipe"]) == RECIPE
    assert extras["text3d_job_id"] == RECIPE["job_id"]
    assert "blender_text3d" in glb["tree"]["asset"]["generator"]


def test_every_buffer_view_has_the_target_of_its_use(glb):
    tree, primitive = glb["tree"], glb["primitive"]
    targets = {tree["accessors"][index]["bufferView"]: 34962 for index in primitive["attributes"].values()}
    targets[tree["accessors"][primitive["indices"]]["bufferView"]] = 34963
    assert [view["target"] for view in tree["bufferViews"]] == [targets[index] for index in range(len(targets))]
    assert all(view["byteOffset"] % 4 == 0 for view in tree["bufferViews"])


def test_a_glb_has_a_rough_double_sided_material_and_unit_normals(glb):
    (material,) = glb["tree"]["materials"]
    assert material["pbrMetallicRoughness"] == {"metallicFactor": 0.0, "roughnessFactor": 0.8}
    assert material["doubleSided"]
    np.testing.assert_allclose(np.linalg.norm(glb["NORMAL"], axis=1), 1, atol=1e-5)


def test_the_normals_of_a_box_point_outward():
    arrays = arrays_of(BOX)
    center = (arrays["POSITION"].min(0) + arrays["POSITION"].max(0)) / 2
    assert ((arrays["POSITION"] - center) * arrays["NORMAL"]).sum(axis=1).min() > 0


@pytest.mark.parametrize(("count", "component"), [(MAX_SHORT_INDICES, 5123), (MAX_SHORT_INDICES + 1, 5125)])
def test_indices_are_as_small_as_the_number_of_vertices_allows(count, component):
    mesh = Mesh(np.zeros((count, 3), np.float32), np.int32([[0, 1, count - 1]]), np.zeros((count, 3), np.float32))
    arrays = arrays_of(mesh)
    assert arrays["tree"]["accessors"][arrays["primitive"]["indices"]]["componentType"] == component
    assert arrays["faces"].ravel().tolist() == [0, 1, count - 1]


def test_a_cloud_is_points_with_colors_and_without_indices():
    cloud = sphere_cloud()
    arrays = arrays_of(cloud)
    assert (arrays["primitive"]["mode"], arrays["faces"]) == (0, None)
    assert arrays["primitive"]["attributes"].keys() == {"POSITION", "COLOR_0"}
    x, y, z = cloud.points.T
    np.testing.assert_array_equal(arrays["POSITION"], np.stack([x, z, -y], axis=1))


def test_equal_vertices_and_faces_without_area_are_kept():
    vertices = np.float32([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0]])
    mesh = Mesh(vertices, np.int32([[0, 1, 2], [3, 1, 2], [0, 0, 1]]), np.zeros((4, 3), np.float32))
    arrays = arrays_of(mesh)
    assert len(arrays["POSITION"]) == 4
    assert arrays["faces"].reshape(-1, 3).tolist() == mesh.faces.tolist()


def test_colors_out_of_range_are_clipped():
    wild = PointCloud(MESH.vertices, MESH.colors * 4 - 1)
    colors = arrays_of(wild)["COLOR_0"]
    assert (colors.min(), colors.max()) == (0, 1)
