# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings of a reader → a cell of the table: "same", or what differs."""

from typing import Any

import numpy as np

from blender_text3d.geometry.srgb import srgb_from_linear
from scripts.file_readers.sample import PRINT_HEIGHT_MM, SIDES, SIZE_M, TOP_FROM_CENTER, TOP_SRGB

SAME = "same"
SAME_SIZE = "same size"
"""Verdict for a reader that would need a browser to decode the texture."""
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
    if not np.isfinite([low, high]).all():
        return "no numbers"
    expected = expected_sides(name, up)
    differs = []
    if not np.allclose(high - low, expected, atol=MAX_ERROR * expected.max()):
        differs.append(f"size {' x '.join(f'{side:.3g}' for side in high - low)}")
    if abs(low[up]) > MAX_ERROR * expected.max():
        differs.append(f"foot at {low[up]:.3g}")
    if "top" in result and not has_top(name, result):
        differs.append("turned or mirrored")
    is_colorless = result.get("is_colorless") or result.get("is_texture_unread")
    if not (COLORLESS & {name.split(",")[0]} or is_colorless):
        differs += color_differences(result, MAX_LEVELS_3MF if name.startswith(".3mf") else MAX_LEVELS)
    return ", ".join(differs) or (SAME_SIZE if result.get("is_texture_unread") else SAME)


def has_top(name: str, result: dict[str, Any]) -> bool:
    """True if the top stands off the center in the direction of the object's own: no side is mirrored or turned."""
    low, high, top = (np.array(result[key]) for key in ("low", "high", "top"))
    size = expected_sides(name, result["up"])[result["up"]]
    across = [0, 2] if result["up"] == 1 else [0, 1]
    expected = TOP_FROM_CENTER * size * (1, -1 if result["up"] == 1 else 1)
    return bool(np.allclose((top - (low + high) / 2)[across], expected, atol=MAX_ERROR * size))


def expected_sides(name: str, up: int) -> np.ndarray:
    """Return the sides of the object along the axes of the reader, in meters, or in the unit of a file without one."""
    size = SIZE_M
    if "print" in name.lower():
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
