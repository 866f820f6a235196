# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry → Blender data: meshes, point clouds, materials, placement, the recipe on the object.

Nothing is imported here: numpy must not load before the first object is generated.
"""
