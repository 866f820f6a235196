# SPDX-License-Identifier: GPL-3.0-or-later
"""Defects that keep triangles from being printed."""

import numpy as np
import pytest

from blender_text3d.geometry.watertight import defects_of, volume

VERTICES = np.float32([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
FACES = np.int32([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])


def test_a_tetrahedron_is_watertight_also_with_corners_of_its_own_and_flat_faces():
    assert defects_of(VERTICES, FACES).is_watertight
    assert defects_of(VERTICES[FACES].reshape(-1, 3), np.arange(12, dtype=np.int32).reshape(4, 3)).is_watertight
    assert defects_of(VERTICES, np.concatenate([FACES, [[0, 0, 1]]]).astype(np.int32)).is_watertight


@pytest.mark.parametrize(("faces", "expected"), [
    (FACES[:3], (3, 0, 0, False)),
    (np.concatenate([FACES, FACES[:1]]), (0, 3, 0, False)),
    (np.concatenate([FACES[:3], FACES[3:, ::-1]]), (0, 0, 3, False)),
    (FACES[:, ::-1], (0, 0, 0, True)),
])  # fmt: skip
def test_each_defect_is_counted(faces, expected):
    assert defects_of(VERTICES, faces.astype(np.int32)) == expected


def test_the_volume_does_not_depend_on_the_place():
    assert volume(VERTICES, FACES) == pytest.approx(1 / 6)
    assert volume(VERTICES + np.float32(100), FACES) == pytest.approx(1 / 6)
