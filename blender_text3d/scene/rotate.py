# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotation of finished objects by multiples of 90° about their own Z axis: of the geometry, not the transform."""

import json
import math
from collections.abc import Iterable

import bpy
import numpy as np
from mathutils import Matrix

from ..geometry.placement import rotated
from .data_access import attribute_values
from .names import RECIPE
from .recipe import recipe_of

QUARTER_TURN = Matrix.Rotation(math.radians(90), 4, "Z")
QUARTER_TURN[0][0] = QUARTER_TURN[1][1] = 0.0  # not 1e-8: four turns restore the geometry to the last bit


class RotateError(Exception):
    """The object cannot be rotated and is unchanged; the message is one sentence for the user."""


def rotate_objects(
    targets: Iterable[bpy.types.Object], rotation_deg: int = 90
) -> tuple[list[bpy.types.Object], list[str]]:
    """Rotate every object with a recipe. Shared data is rotated once.

    Args:
        targets: The objects; those without a recipe are skipped.
        rotation_deg: A multiple of 90, counterclockwise seen from above.

    Returns:
        The rotated objects, and one sentence for each that could not be rotated.
    """
    generated = [target for target in targets if recipe_of(target) is not None]
    rotated_targets, errors = [], []
    for data in dict.fromkeys(target.data for target in generated):
        sharing_targets = [target for target in generated if target.data == data]
        try:
            rotate_shared(sharing_targets, rotation_deg % 360)
            rotated_targets += sharing_targets
        except RotateError as error:
            errors.append(str(error))
    return rotated_targets, errors


def rotate_shared(targets: list[bpy.types.Object], rotation_deg: int) -> None:
    """Rotate the data that these objects share, and record it in their recipes.

    Raises:
        RotateError: The data is linked, in Edit Mode, or used by other objects too.
    """
    name, data = targets[0].name, targets[0].data
    if not isinstance(data, bpy.types.Mesh | bpy.types.PointCloud):
        raise RotateError(f'"{name}" is not a mesh or point cloud. Rotate it by hand.')
    if data.library or any(target.library for target in targets):
        raise RotateError(f'"{name}" is linked from another file. Rotate it there.')
    if any(target.mode != "OBJECT" for target in targets):
        raise RotateError(f'"{name}" is in Edit Mode. Switch to Object Mode.')
    sharing = [item for item in bpy.data.objects if item.data == data and item not in targets]
    if sharing:
        raise RotateError(f'"{name}" shares its data with "{sharing[0].name}". Select both, or make it single-user.')
    rotate_data(data, rotation_deg)
    for target in targets:
        record_rotation(target, rotation_deg)


def rotate_data(data: "bpy.types.Mesh | bpy.types.PointCloud", rotation_deg: int) -> None:
    """Rotate data and shape keys about Z by 90, 180 or 270°."""
    if isinstance(data, bpy.types.Mesh):
        for _ in range(rotation_deg // 90):
            data.transform(QUARTER_TURN, shape_keys=True)
        data.update()
        return
    positions = attribute_values(data, "position")
    points = np.empty(len(positions) * 3, np.float32)
    positions.foreach_get("vector", points)
    positions.foreach_set("vector", np.ascontiguousarray(rotated(points.reshape(-1, 3), rotation_deg)).ravel())
    data.update_tag()


def record_rotation(target: bpy.types.Object, rotation_deg: int) -> None:
    """Add to the rotation in the recipe; an invalid one counts as 0."""
    recipe = recipe_of(target) or {}
    before = recipe.get("turn_deg", 0)
    valid = int(before) if before in (0, 90, 180, 270) else 0
    recipe["turn_deg"] = (valid + rotation_deg) % 360
    target[RECIPE] = json.dumps(recipe, ensure_ascii=False, indent=1)
