# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings of a reader → a cell of the table: "same", or what differs."""

from typing import Any

import numpy as np

from blender_text3d.geometry.srgb import srgb_from_linear
from scripts.file_readers.sample import PRINT_HEIGHT_MM, SIDES, SIZE_M, TOP_SRGB

SAME = "same"
MAX_ERROR = 1e-4
"""Largest error of a length, as a share of the size."""
MAX_LEVELS = 2.6
"""Largest error of a color in levels of 255; a reader that keeps linear colors as bytes is off by so much."""
MAX_LEVELS_3MF = 4.2
"""The same in 3MF, whose colors the exporter rounds to 32 levels, because slicers list each of them."""
COLORLESS = {".stl"}
SLICER_ERRORS = {"not manifold", "not sliced"}


def verdict(name: str, result: dict[str, Any]) -> str:
    """Return "same" if size, foot, up axis and color are those of the object, else what is not.

    Args:
        name: Name of the file in the table.
        result: What the reader printed for it.
    """
    if "issues" in result:
        found = [f"{count} {kind}" for kind, count in result["issues"].items() if count]
        return ", ".join(found) or "no errors, warnings, infos or hints"
    if "error" in result:
        return result["error"] if result["error"] in SLICER_ERRORS else "not read"
    up = result["up"]
    low, high = np.array(result["low"]), np.array(result["high"])
    expected = expected_sides(name, up)
    differs = []
    if not np.allclose(high - low, expected, atol=MAX_ERROR * expected.max()):
        differs.append(f"size {' x '.join(f'{side:.3g}' for side in high - low)}")
    if abs(low[up]) > MAX_ERROR * expected.max():
        differs.append(f"foot at {low[up]:.3g}")
    if not (COLORLESS & {name.split(",")[0]} or result.get("is_colorless")):
        differs += color_differences(result, MAX_LEVELS_3MF if name.startswith(".3mf") else MAX_LEVELS)
    return ", ".join(differs) or SAME


def expected_sides(name: str, up: int) -> np.ndarray:
    """Return the sides of the object along the axes of the reader, in meters, or in the unit of a file without one."""
    size = SIZE_M
    if "print" in name:
        size = PRINT_HEIGHT_MM / 1000 if ".3mf" in name else PRINT_HEIGHT_MM
    x, y, z = (share * size for share in SIDES)
    return np.array([x, z, y] if up == 1 else [x, y, z])


def color_differences(result: dict[str, Any], max_levels: float) -> list[str]:
    """Return how the color of the top differs: not at all, missing or another one."""
    if result["color"] is None:
        return ["no colors"]
    color = np.array(result["color"])
    srgb = 255 * (srgb_from_linear(color) if result["space"] == "linear" else color)
    if np.abs(srgb - TOP_SRGB).max() <= max_levels:
        return []
    return [f"color {'/'.join(f'{level:.0f}' for level in srgb)}"]
