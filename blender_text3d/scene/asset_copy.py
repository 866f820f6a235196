# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of an object as an asset file stores it: at the origin, without rotation, with a scale of 1.

Blender places a dragged asset itself: it keeps the scale of the object, and drops its rotation.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy
from mathutils import Matrix

from .names import DECIMATE_MODIFIER, VERSIONS
from .versions import clear_versions

RESERVED_NAME = ".text3d_kept"


@contextmanager
def asset_copy(target: bpy.types.Object, factor: float = 1.0) -> Iterator[bpy.types.Object]:
    """Make a copy with the object's own name, which the object itself lacks meanwhile; the copy is removed at the end.

    Its data is a copy, too, with the rotation and scale of the object. Those of an object with modifiers that depend on
    its size stay on the object, and so does what only an object has, such as the text of a font.

    Args:
        target: The object.
        factor: Size of the copy relative to the object.
    """
    names = target.name, target.data.name if target.data else ""
    copied = target.copy()
    data = copied.data = target.data.copy() if target.data else None
    try:
        target.name = RESERVED_NAME
        copied.name = names[0]
        if data is not None:
            target.data.name = RESERVED_NAME  # type: ignore[union-attr]
            data.name = names[1]
        put_at_origin(copied, Matrix.Scale(factor, 4) @ world_matrix(target))
        yield copied
    finally:
        bpy.data.batch_remove([copied, data] if data is not None else [copied])
        target.name = names[0]
        if target.data is not None:
            target.data.name = names[1]


def world_matrix(target: bpy.types.Object) -> Matrix:
    """Return the transform of an object; that of one in no scene is not computed by Blender."""
    matrix: Any = target.matrix_world if target.users_scene else target.matrix_basis
    return Matrix(matrix)


def put_at_origin(copied: bpy.types.Object, matrix: Matrix) -> None:
    """Move a copy out of its scene to the origin, and apply its rotation and scale where that changes no look."""
    turn = matrix.to_3x3().to_4x4()
    copied.parent = None
    copied.constraints.clear()
    copied.animation_data_clear()
    copied.matrix_basis = Matrix.Identity(4)
    copied.delta_location, copied.delta_scale = (0, 0, 0), (1, 1, 1)
    copied.delta_rotation_euler, copied.delta_rotation_quaternion = (0, 0, 0), (1, 0, 0, 0)
    if hasattr(copied, VERSIONS):
        clear_versions(copied)
    is_free = all(modifier.name == DECIMATE_MODIFIER for modifier in copied.modifiers)
    if not is_free or not apply_to_data(copied.data, turn):
        copied.matrix_basis = turn


def apply_to_data(data: Any, turn: Matrix) -> bool:
    """Apply a rotation and scale to data with one user; return False if this kind of data has no way to."""
    if turn == Matrix.Identity(4):
        return True
    if isinstance(data, bpy.types.Mesh):
        data.transform(turn, shape_keys=True)
        if turn.determinant() < 0:
            data.flip_normals()
        data.update()
        return True
    if isinstance(data, bpy.types.Curve) and not isinstance(data, bpy.types.TextCurve):
        data.transform(turn, shape_keys=True)
        return True
    return False
