# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats of exported files."""

EXPORT_FORMATS = ("glb", "ply", "obj", "stl", "3mf", "usd")
MESH_FORMATS = ("stl", "3mf")
"""Formats that hold no point clouds."""
PRINT_FORMATS = ("stl", "3mf")
MILLIMETERS_PER_METER = 1000.0
MIN_PRINT_HEIGHT_MM, MAX_PRINT_HEIGHT_MM = 0.1, 100_000.0
