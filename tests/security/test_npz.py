# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays from anybody: refused in a sentence, or harmless; never code, never more memory than the file is large."""

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from blender_text3d.engine.shap_e.saved_latent import WrongLatent, load_latent
from blender_text3d.geometry import Mesh, load_geometry, load_views
from tests.security.conftest import NO_PLAIN_FILES
from tests.security.npz_files import MESH, POINTS, crowded, npy_of, npy_that_says, npz_of, swelling, swollen

SAYS_NO = r"mesh\.npz contains neither a point cloud nor a mesh \(.+\)\. Generate the object again\."
pytestmark = pytest.mark.usefixtures("bounded")


class Payload:
    """Unpickled, it makes a file."""

    def __init__(self, trace: Path):
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def refused(path: Path) -> str:
    with pytest.raises(ValueError, match=SAYS_NO) as refusal:
        load_geometry(path)
    assert len(str(refusal.value)) < 400 and "\n" not in str(refusal.value)
    return str(refusal.value)


LIES = {
    "ten gigabytes": npy_that_says((833_333_333, 3)),
    "more than memory": npy_that_says((2**60, 3)),
    "more than a number holds": npy_that_says((2**40, 2**40, 3)),
    "digits": npy_that_says((10**900, 3)),
    "below zero": npy_that_says((-2, -3), bytes(24)),
    "below zero by overflow": npy_that_says((-1, 3), bytes(24)),
    "no shape": npy_that_says("(6, 3)"),
    "code for a shape": npy_that_says((), b"").replace(b"()", b"(exit(),)"),
    "nested without end": b"\x93NUMPY\x01\x00\x10\x27" + b"(" * 9999 + b"\n",
    "a line too many": b"\x93NUMPY\x01\x00\x04\x00{\n'\n",
    "fields": npy_that_says((6,), bytes(72), [("x", "<f4", (3,))]),
    "objects": npy_that_says((6, 3), bytes(144), "|O"),
    "things without size": npy_that_says((2**60, 3), b"", "|V0"),
    "texts without size": npy_that_says((2**60, 3), b"", "<U0"),
    "an unknown kind": npy_that_says((6, 3), bytes(72), "<q99"),
    "another version": npy_of(POINTS).replace(b"NUMPY\x01", b"NUMPY\x09"),
    "cut short": npy_of(POINTS)[:-5],
    "nothing": b"",
    "text": b"<html>",
    "double numbers": npy_of(POINTS.astype(np.float64)),
    "big-endian numbers": npy_of(POINTS.astype(">f4")),
    "whole numbers": npy_of(np.ones((6, 3), np.int32)),
    "not a number": npy_of(np.where(POINTS > 0.5, np.float32(np.nan), POINTS)),
    "without end": npy_of(np.where(POINTS > 0.5, np.float32(np.inf), POINTS)),
    "flat": npy_of(POINTS.ravel()),
    "one number": npy_of(np.float32(1)),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_array_that_is_not_what_it_says_is_refused(tmp_path, lie):
    (tmp_path / "mesh.npz").write_bytes(npz_of(MESH | {"vertices": LIES[lie]}))
    refused(tmp_path / "mesh.npz")


@pytest.mark.parametrize("faces", [[[0, 1, 6]], [[0, 1, -1]], [[0, 1, 2**31 - 1]], [[-(2**31), 0, 1]]])
def test_faces_that_point_at_no_vertex_are_refused(tmp_path, faces):
    (tmp_path / "mesh.npz").write_bytes(npz_of(MESH | {"faces": np.array(faces, np.int32)}))
    assert "faces refer to vertices" in refused(tmp_path / "mesh.npz")


@pytest.mark.parametrize("place", ["an array", "the whole file", "one more array"])
def test_a_pickle_is_never_unpacked(tmp_path, place):
    pickled = pickle.dumps(Payload(tmp_path / "trace"))
    objects = npy_of(np.array([[Payload(tmp_path / "trace")] * 3], object))
    more = {"vertices": objects} if place == "an array" else {"extra": objects}
    (tmp_path / "mesh.npz").write_bytes(pickled if place == "the whole file" else npz_of(MESH | more))
    refused(tmp_path / "mesh.npz")
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("read", [load_geometry, lambda path: load_latent(path, 12)])
def test_a_small_file_that_would_swell_beyond_memory_is_not_unpacked(tmp_path, bomb, read):
    (tmp_path / "mesh.npz").write_bytes(bomb)
    assert len(bomb) < 2**22
    with pytest.raises((ValueError, WrongLatent), match="larger than the limit"):
        read(tmp_path / "mesh.npz")


@pytest.fixture(scope="module")
def bomb() -> bytes:
    return swollen(2**29)


def test_a_packed_entry_that_lies_about_its_size_gives_no_more_than_it_says(tmp_path):
    honest = npz_of({"points": npy_that_says((2**20, 3), bytes(12 * 2**20))}, zipfile.ZIP_DEFLATED)
    lying = honest.replace((12 * 2**20 + 128).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != honest
    (tmp_path / "mesh.npz").write_bytes(lying)
    refused(tmp_path / "mesh.npz")


@pytest.mark.parametrize(
    "name", ["../../outside", "/outside", "C:\\outside", "self", "__class__", "con", "x" * 60_000, "\x1b[31m"]
)  # fmt: skip
def test_a_name_that_leads_out_is_no_name_of_ours_and_nothing_is_written(tmp_path, name):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "mesh.npz").write_bytes(npz_of(MESH | {name: POINTS}))
    before = sorted(tmp_path.rglob("*"))
    refused(folder / "mesh.npz")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("read", [load_geometry, load_views, lambda path: load_latent(path, 12)])
@pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_in_a_way_that_cannot_be_stopped_is_not_unpacked(tmp_path, read, way):
    (tmp_path / "mesh.npz").write_bytes(swelling("vertices.npy", way))
    with pytest.raises((ValueError, WrongLatent), match="unsupported compression method"):
        read(tmp_path / "mesh.npz")


def test_a_table_of_contents_of_a_million_lines_is_not_read(tmp_path):
    (tmp_path / "mesh.npz").write_bytes(crowded(1_000_000))
    assert "its central directory has" in refused(tmp_path / "mesh.npz")


def test_many_arrays_are_refused(tmp_path):
    (tmp_path / "mesh.npz").write_bytes(npz_of({f"a{number}": POINTS for number in range(5000)}))
    refused(tmp_path / "mesh.npz")


@pytest.mark.parametrize("what", NO_PLAIN_FILES)
def test_what_is_no_plain_file_is_not_read_from(tmp_path, put_no_file, what):
    path = put_no_file(tmp_path / "mesh.npz", what)
    for read in (load_geometry, load_views, lambda path: load_latent(path, 12)):
        with pytest.raises((OSError, ValueError, WrongLatent)):
            read(path)


def test_a_file_of_a_terabyte_is_not_read(tmp_path):
    with (tmp_path / "mesh.npz").open("wb") as file:
        file.truncate(10**12)
    assert "more than the limit" in refused(tmp_path / "mesh.npz")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_file_cut_short_is_refused(tmp_path, share):
    whole = npz_of(MESH)
    (tmp_path / "mesh.npz").write_bytes(whole[: int(len(whole) * share)])
    refused(tmp_path / "mesh.npz")


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_honest_file_is_read(tmp_path, order):
    (tmp_path / "mesh.npz").write_bytes(npz_of(MESH | {"vertices": np.array(POINTS, order=order)}))
    mesh = load_geometry(tmp_path / "mesh.npz")
    assert isinstance(mesh, Mesh)
    np.testing.assert_array_equal(mesh.vertices, POINTS)
