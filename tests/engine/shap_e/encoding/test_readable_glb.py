# SPDX-License-Identifier: GPL-3.0-or-later
"""GLB files with quantized or compressed geometry."""

import json
import struct

import numpy as np
import pytest

from blender_text3d.engine.shap_e.encoding.object_file import BadObject, object_mesh
from blender_text3d.engine.shap_e.encoding.readable_glb import chunks_of, readable_glb

TRIANGLE = np.array([[-1, -1, 0], [1, -1, 0], [0, 1, 1]])
COMPONENTS = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "f4": 5126}


def packed(tree, binary):
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def glb(shares, dtype, nodes, **extra):
    """A mesh of one triangle with positions (3, 3) as shares of the largest number, in rows of four; and its nodes."""
    most = np.iinfo(dtype).max if dtype != "f4" else 1
    rows = np.zeros((3, 4), f"<{dtype}")
    rows[:, :3] = np.round(shares * most) if dtype != "f4" else shares
    uv = np.array([[0, 0], [65535, 0], [0, 32768]], "<u2")
    binary = rows.tobytes() + uv.tobytes()
    accessor = {"bufferView": 0, "componentType": COMPONENTS[dtype], "count": 3, "type": "VEC3"}
    accessor |= {"min": rows[:, :3].min(0).tolist(), "max": rows[:, :3].max(0).tolist()}
    accessors = [accessor, {"bufferView": 1, "componentType": 5123, "count": 3, "type": "VEC2", "normalized": True}]
    if dtype != "f4":
        accessor["normalized"] = True
    return packed(
        {
            "asset": {"version": "2.0"},
            "extensionsRequired": ["KHR_mesh_quantization"],
            "scene": 0,
            "scenes": [{"nodes": list(range(len(nodes)))}],
            "nodes": [{"mesh": 0, **node} for node in nodes],
            "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}}]}],
            "accessors": accessors,
            "bufferViews": [
                {"buffer": 0, "byteOffset": 0, "byteLength": rows.nbytes, "byteStride": rows.strides[0]},
                {"buffer": 0, "byteOffset": rows.nbytes, "byteLength": uv.nbytes},
            ],
            "buffers": [{"byteLength": len(binary)}],
        }
        | extra,
        binary,
    )


@pytest.mark.parametrize("dtype", ["i1", "i2"])
def test_quantized_parts_are_as_large_and_as_far_apart_as_floating_point_ones(tmp_path, dtype):
    nodes = [{"scale": [2, 2, 2]}, {"translation": [10, 0, 0], "scale": [0.5, 0.5, 0.5]}]
    meshes = []
    for kind in (dtype, "f4"):
        (tmp_path / "o.glb").write_bytes(glb(TRIANGLE, kind, nodes))
        meshes.append(object_mesh(tmp_path / "o.glb"))
    quantized, floating = meshes
    assert np.allclose(quantized.vertices, floating.vertices, atol=0.02)
    assert np.ptp(floating.vertices[:, 0]) == pytest.approx(12.5)


def test_texture_coordinates_become_shares():
    tree, binary = chunks_of(readable_glb(glb(TRIANGLE, "f4", [{}])))
    accessor = tree["accessors"][1]
    view = tree["bufferViews"][accessor["bufferView"]]
    stored = np.frombuffer(binary, "<f4", 6, view["byteOffset"]).reshape(3, 2)
    assert (accessor["componentType"], "normalized" in accessor) == (5126, False)
    assert np.allclose(stored, [[0, 0], [1, 0], [0, 0.5]], atol=1e-4)
    assert len(binary) == tree["buffers"][0]["byteLength"]


def test_the_smallest_integer_is_minus_one():
    content = glb(TRIANGLE, "i1", [{}])
    tree, binary = chunks_of(readable_glb(content.replace(b"\x81", b"\x80")))  # -128 in place of -127
    view = tree["bufferViews"][tree["accessors"][0]["bufferView"]]
    assert np.frombuffer(binary, "<f4", 9, view["byteOffset"]).min() == -1


def test_a_file_without_integers_keeps_its_bytes():
    tree, binary = chunks_of(glb(TRIANGLE, "f4", [{}]))
    tree["accessors"][1] |= {"normalized": False}
    content = packed(tree, binary)
    assert readable_glb(content) == content


@pytest.mark.parametrize("extension", ["KHR_draco_mesh_compression", "EXT_meshopt_compression"])
def test_compressed_geometry_is_refused_with_what_to_do(tmp_path, extension):
    (tmp_path / "o.glb").write_bytes(glb(TRIANGLE, "f4", [{}], extensionsRequired=[extension]))
    with pytest.raises(BadObject, match=f"compressed by {extension}; export it without compression"):
        object_mesh(tmp_path / "o.glb")


@pytest.mark.parametrize("change", [{"count": 10**9}, {"bufferView": 7}, {"byteOffset": 40}, {"type": "MAT4"}])
def test_damaged_integers_are_a_sentence(tmp_path, change):
    tree, binary = chunks_of(glb(TRIANGLE, "i2", [{}]))
    tree["accessors"][0] |= change
    (tmp_path / "o.glb").write_bytes(packed(tree, binary))
    with pytest.raises(BadObject, match="cannot be used"):
        object_mesh(tmp_path / "o.glb")
