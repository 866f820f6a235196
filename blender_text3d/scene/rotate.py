# SPDX-License-Identifier: GPL-3.0-or-later
"""Turning finished objects by a quarter about their own vertical: the geometry turns, the object's transform stays."""

import json
import math
from collections.abc import Iterable

import bpy
import numpy as np
from mathutils import Matrix

from .names import RECIPE
from .placement import rotated
from .recipe import recipe_of

QUARTER = Matrix.Rotation(math.radians(90), 4, "Z")
QUARTER[0][0] = QUARTER[1][1] = 0.0  # not 1e-8: four turns are none, to the last bit


class RotateError(Exception):
    """The object stays as it is; the message is one sentence for the user."""


def rotate_objects(targets: Iterable[bpy.types.Object]) -> tuple[list[bpy.types.Object], list[str]]:
    """Turn every object with a recipe by 90°, counter-clockwise seen from above; what several share is turned once.

    Returns:
        Those that were turned, and sentences on those that could not be.
    """
    ours = [target for target in targets if recipe_of(target) is not None]
    done, refused = [], []
    for data in dict.fromkeys(target.data for target in ours):
        together = [target for target in ours if target.data == data]
        try:
            rotate_shared(together)
            done += together
        except RotateError as reason:
            refused.append(str(reason))
    return done, refused


def rotate_shared(targets: list[bpy.types.Object]) -> None:
    """Turn the data that all of these objects show, and note it in their recipes.

    Raises:
        RotateError: It is another file's, being edited, or other objects show it too.
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
    rotate_data(data)
    for target in targets:
        record_rotation(target)


def rotate_data(data: "bpy.types.Mesh | bpy.types.PointCloud") -> None:
    """A quarter about the vertical through the origin, shape keys too."""
    if isinstance(data, bpy.types.Mesh):
        data.transform(QUARTER, shape_keys=True)
        data.update()
        return
    places = data.attributes["position"].data
    points = np.empty(len(places) * 3, np.float32)
    places.foreach_get("vector", points)
    places.foreach_set("vector", np.ascontiguousarray(rotated(points.reshape(-1, 3), 90)).ravel())
    data.update_tag()


def record_rotation(target: bpy.types.Object) -> None:
    """A quarter more in the recipe; one that cannot be read counts from 0."""
    recipe = recipe_of(target)
    before = recipe.get("turn_deg", 0)
    recipe["turn_deg"] = (int(before) + 90) % 360 if before in (0, 90, 180, 270) else 90
    target[RECIPE] = json.dumps(recipe, ensure_ascii=False, indent=1)
