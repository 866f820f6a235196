# SPDX-License-Identifier: GPL-3.0-or-later
"""Lossless compression of .npz files in job folders, which are untrusted."""

import io
import os
import zipfile
from contextlib import suppress

import numpy as np
import pytest

from blender_text3d.system.deflate_npz import CHUNK_BYTES, MAX_RATIO, deflate_npz, deflate_npz_steps

RANDOM = np.random.default_rng(1)
ARRAYS = {"a": np.repeat(RANDOM.random((4000, 3), np.float32), 3, axis=0), "b": np.arange(90_000, dtype=np.int32)}


def saved(path, arrays=ARRAYS, save=np.savez):
    save(path, **arrays)
    return path


def test_every_array_is_read_back_to_the_last_bit(tmp_path):
    path = saved(tmp_path / "mesh.npz")
    before = path.stat().st_size
    gain = deflate_npz(path)
    assert (gain > 0, path.stat().st_size) == (True, before - gain)
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays.files == list(ARRAYS)
        for name, values in ARRAYS.items():
            np.testing.assert_array_equal(arrays[name], values)
            assert arrays[name].dtype == values.dtype
    assert [entry.name for entry in tmp_path.iterdir()] == ["mesh.npz"]


def test_a_file_that_is_compressed_is_left_as_it_is(tmp_path):
    path = saved(tmp_path / "mesh.npz")
    deflate_npz(path)
    before = path.read_bytes(), path.stat().st_ino
    assert deflate_npz(path) == 0
    assert (path.read_bytes(), path.stat().st_ino) == before


def test_noise_that_cannot_be_compressed_is_left_as_it_is(tmp_path):
    path = saved(tmp_path / "mesh.npz", {"a": RANDOM.integers(0, 256, 50_000).astype(np.uint8)})
    before = path.read_bytes()
    assert deflate_npz(path) == 0
    assert path.read_bytes() == before


def test_arrays_that_readers_would_refuse_as_a_bomb_are_left_as_they_are(tmp_path):
    path = saved(tmp_path / "mesh.npz", {"a": np.zeros(10**6, np.uint8)})
    assert deflate_npz(path) == 0
    assert path.stat().st_size > 10**6 > MAX_RATIO * 1000


def test_no_step_compresses_more_than_a_chunk(tmp_path):
    path = saved(tmp_path / "mesh.npz")
    steps = list(deflate_npz_steps(path))
    assert len(steps) >= sum(values.nbytes for values in ARRAYS.values()) / CHUNK_BYTES


@pytest.mark.parametrize("content", [b"", b"PK", b"\x89PNG" * 100, b"PK\x05\x06" + bytes(18)])
def test_another_file_is_refused_or_left_as_it_is(tmp_path, content):
    path = tmp_path / "mesh.npz"
    path.write_bytes(content)
    with suppress(ValueError):
        assert deflate_npz(path) == 0
    assert path.read_bytes() == content


@pytest.mark.parametrize("damage", [60, 5000, -300])
def test_a_damaged_file_is_left_as_it_is(tmp_path, damage):
    path = saved(tmp_path / "mesh.npz")
    content = bytearray(path.read_bytes())
    content[damage] ^= 255
    path.write_bytes(content)
    with pytest.raises(ValueError, match="mesh"):
        deflate_npz(path)
    assert path.read_bytes() == content


def test_a_link_is_not_followed_and_a_pipe_is_not_read(tmp_path):
    target = saved(tmp_path / "target.npz")
    (tmp_path / "mesh.npz").symlink_to(target)
    with pytest.raises(OSError, match="regular"):
        deflate_npz(tmp_path / "mesh.npz")
    os.mkfifo(tmp_path / "pipe.npz")
    with pytest.raises(OSError, match="regular"):
        deflate_npz(tmp_path / "pipe.npz")


def test_a_link_in_place_of_the_temporary_file_is_not_written_through(tmp_path):
    path = saved(tmp_path / "mesh.npz")
    (tmp_path / "protected").write_bytes(b"protected")
    (tmp_path / "mesh.npz.part").symlink_to(tmp_path / "protected")
    assert deflate_npz(path) > 0
    assert (tmp_path / "protected").read_bytes() == b"protected"
    assert not (tmp_path / "mesh.npz.part").exists()


def test_many_entries_are_left_as_they_are(tmp_path):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for index in range(17):
            archive.writestr(f"{index}.npy", b"x" * 100)
    (tmp_path / "mesh.npz").write_bytes(content.getvalue())
    assert deflate_npz(tmp_path / "mesh.npz") == 0
