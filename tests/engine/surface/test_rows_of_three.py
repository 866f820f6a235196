# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions on rows of three give the bits that numpy's own give."""

import numpy as np
import pytest

from blender_text3d.engine.surface import rows_of_three
from blender_text3d.engine.surface.simplify import used_vertices

SPECIAL = [[0.0, -0.0, 0.0], [np.nan, 1.0, 2.0], [np.inf, -np.inf, 1.0], [1e-320, 1e300, -1e300]]


@pytest.fixture(scope="module")
def vectors():
    return np.vstack([np.random.default_rng(1).normal(size=(5_000, 3)), SPECIAL])


def same_bits(first: np.ndarray, second: np.ndarray) -> bool:
    return first.dtype == second.dtype and np.array_equal(first, second, equal_nan=True)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_all_functions_give_the_bits_of_numpy(vectors, dtype):
    with np.errstate(over="ignore"):
        first, second = vectors.astype(dtype), vectors[::-1].astype(dtype)
    assert same_bits(rows_of_three.largest(first), first.max(axis=1))
    assert same_bits(rows_of_three.lengths(first), np.linalg.norm(first, axis=1))
    assert same_bits(rows_of_three.cross(first, second), np.cross(first, second))


def test_flags_of_a_row_are_all_set_or_not(vectors):
    flags = vectors > -0.5
    assert same_bits(rows_of_three.are_all(flags), flags.all(axis=1))


def test_the_vertices_of_faces_are_numbered_as_numpy_does():
    faces = np.random.default_rng(2).integers(0, 900, (400, 3))
    used, local = np.unique(faces, return_inverse=True)
    found = used_vertices(faces, 1_000)
    assert np.array_equal(found[0], used)
    assert np.array_equal(found[1], local.reshape(-1, 3))
