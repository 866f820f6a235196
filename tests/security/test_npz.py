# SPDX-License-Identifier: GPL-3.0-or-later
"""Untrusted .npz files: refused with a message, or harmless; no code is run, no memory beyond the file's size used."""

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from blender_text3d.engine.shap_e.saved_latent import WrongLatent, load_latent
from blender_text3d.geometry import Mesh, load_geometry, load_views
from tests.security.conftest import SPECIAL_FILES
from tests.security.npz_files import (
    MESH,
    POINTS,
    many_entries,
    npy_of,
    npy_with_header,
    npz_of,
    undersized_entry,
    zip_bomb,
)

MESSAGE = r"mesh\.npz contains neither a point cloud nor a mesh \(.+\)\. Generate the object again\."
pytestmark = pytest.mark.usefixtures("bounded")


class Payload:
    """Object that creates a file when it is unpickled."""

    def __init__(self, trace: Path):
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def refused(path: Path) -> str:
    with pytest.raises(ValueError, match=MESSAGE) as refusal:
        load_geometry(path)
    assert len(str(refusal.value)) < 400
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


INVALID_ARRAYS = {
    "ten gigabytes": npy_with_header((833_333_333, 3)),
    "more than memory": npy_with_header((2**60, 3)),
    "more than an integer holds": npy_with_header((2**40, 2**40, 3)),
    "digits": npy_with_header((10**900, 3)),
    "below zero": npy_with_header((-2, -3), bytes(24)),
    "below zero by overflow": npy_with_header((-1, 3), bytes(24)),
    "a text for a shape": npy_with_header("(6, 3)"),
    "code for a shape": npy_with_header((), b"").replace(b"()", b"(exit(),)"),
    "nested": b"\x93NUMPY\x01\x00\x10\x27" + b"(" * 9999 + b"\n",
    "an extra line": b"\x93NUMPY\x01\x00\x04\x00{\n'\n",
    "fields": npy_with_header((6,), bytes(72), [("x", "<f4", (3,))]),
    "objects": npy_with_header((6, 3), bytes(144), "|O"),
    "items without size": npy_with_header((2**60, 3), b"", "|V0"),
    "texts without size": npy_with_header((2**60, 3), b"", "<U0"),
    "an unknown dtype": npy_with_header((6, 3), bytes(72), "<q99"),
    "another version": npy_of(POINTS).replace(b"NUMPY\x01", b"NUMPY\x09"),
    "truncated": npy_of(POINTS)[:-5],
    "nothing": b"",
    "text": b"<html>",
    "float64": npy_of(POINTS.astype(np.float64)),
    "big-endian": npy_of(POINTS.astype(">f4")),
    "integers": npy_of(np.ones((6, 3), np.int32)),
    "not a number": npy_of(np.where(POINTS > 0.5, np.float32(np.nan), POINTS)),
    "infinite": npy_of(np.where(POINTS > 0.5, np.float32(np.inf), POINTS)),
    "flat": npy_of(POINTS.ravel()),
    "one number": npy_of(np.float32(1)),
}


@pytest.mark.parametrize("name", INVALID_ARRAYS)
def test_an_array_with_an_invalid_header_is_refused(tmp_path, name):
    (tmp_path / "mesh.npz").write_bytes(npz_of(MESH | {"vertices": INVALID_ARRAYS[name]}))
    refused(tmp_path / "mesh.npz")


@pytest.mark.parametrize("faces", [[[0, 1, 6]], [[0, 1, -1]], [[0, 1, 2**31 - 1]], [[-(2**31), 0, 1]]])
def test_faces_of_missing_vertices_are_refused(tmp_path, faces):
    (tmp_path / "mesh.npz").write_bytes(npz_of(MESH | {"faces": np.array(faces, np.int32)}))
    assert "faces refer to vertices" in refused(tmp_path / "mesh.npz")


@pytest.mark.parametrize("place", ["an array", "the entire file", "one more array"])
def test_a_pickle_is_never_loaded(tmp_path, place):
    pickled = pickle.dumps(Payload(tmp_path / "trace"))
    objects = npy_of(np.array([[Payload(tmp_path / "trace")] * 3], object))
    arrays = {"vertices": objects} if place == "an array" else {"extra": objects}
    (tmp_path / "mesh.npz").write_bytes(pickled if place == "the entire file" else npz_of(MESH | arrays))
    refused(tmp_path / "mesh.npz")
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("read", [load_geometry, lambda path: load_latent(path, 12)])
def test_a_zip_bomb_is_not_decompressed(tmp_path, bomb, read):
    (tmp_path / "mesh.npz").write_bytes(bomb)
    assert len(bomb) < 2**22
    with pytest.raises((ValueError, WrongLatent), match="larger than the limit"):
        read(tmp_path / "mesh.npz")


@pytest.fixture(scope="module")
def bomb() -> bytes:
    return zip_bomb(2**29)


def test_a_compressed_entry_yields_no_more_bytes_than_declared(tmp_path):
    valid = npz_of({"points": npy_with_header((2**20, 3), bytes(12 * 2**20))}, zipfile.ZIP_DEFLATED)
    invalid = valid.replace((12 * 2**20 + 128).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert invalid != valid
    (tmp_path / "mesh.npz").write_bytes(invalid)
    refused(tmp_path / "mesh.npz")


@pytest.mark.parametrize(
    "name", ["../../outside", "/outside", "C:\\outside", "self", "__class__", "con", "x" * 60_000, "\x1b[31m"]
)  # fmt: skip
def test_an_entry_name_outside_the_archive_is_refused_and_nothing_is_written(tmp_path, name):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "mesh.npz").write_bytes(npz_of(MESH | {name: POINTS}))
    before = sorted(tmp_path.rglob("*"))
    refused(folder / "mesh.npz")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("read", [load_geometry, load_views, lambda path: load_latent(path, 12)])
@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_entry_with_unbounded_decompression_is_not_decompressed(tmp_path, read, compression):
    (tmp_path / "mesh.npz").write_bytes(undersized_entry("vertices.npy", compression))
    with pytest.raises((ValueError, WrongLatent), match="unsupported compression method"):
        read(tmp_path / "mesh.npz")


def test_a_central_directory_of_a_million_entries_is_not_read(tmp_path):
    (tmp_path / "mesh.npz").write_bytes(many_entries(1_000_000))
    assert "its central directory has" in refused(tmp_path / "mesh.npz")


def test_many_arrays_are_refused(tmp_path):
    (tmp_path / "mesh.npz").write_bytes(npz_of({f"a{number}": POINTS for number in range(5000)}))
    refused(tmp_path / "mesh.npz")


@pytest.mark.parametrize("what", SPECIAL_FILES)
def test_a_special_file_is_not_read(tmp_path, make_special_file, what):
    path = make_special_file(tmp_path / "mesh.npz", what)
    for read in (load_geometry, load_views, lambda path: load_latent(path, 12)):
        with pytest.raises((OSError, ValueError, WrongLatent)):
            read(path)


def test_a_file_of_a_terabyte_is_not_read(tmp_path):
    with (tmp_path / "mesh.npz").open("wb") as file:
        file.truncate(10**12)
    assert "more than the limit" in refused(tmp_path / "mesh.npz")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_refused(tmp_path, share):
    valid = npz_of(MESH)
    (tmp_path / "mesh.npz").write_bytes(valid[: int(len(valid) * share)])
    refused(tmp_path / "mesh.npz")


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_valid_file_is_read(tmp_path, order):
    (tmp_path / "mesh.npz").write_bytes(npz_of(MESH | {"vertices": np.array(POINTS, order=order)}))
    mesh = load_geometry(tmp_path / "mesh.npz")
    assert isinstance(mesh, Mesh)
    np.testing.assert_array_equal(mesh.vertices, POINTS)
