# SPDX-License-Identifier: GPL-3.0-or-later
"""Command-line flags of exported formats, and what a print height means."""

import argparse
from collections.abc import Collection, Sequence
from math import isfinite

from blender_text3d.exports.formats import (
    MAX_PRINT_HEIGHT_MM,
    MESH_FORMATS,
    MIN_PRINT_HEIGHT_MM,
    PRINT_FORMATS,
)
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.exported_files import EXPORT_FORMATS

NO_FORMATS = "none"


def formats(text: str, known: Sequence[str] = EXPORT_FORMATS) -> tuple[str, ...]:
    """Parse comma-separated formats, without repeats; "none" for none."""
    names = tuple(dict.fromkeys(text.lower().replace(" ", "").replace(".", "").split(",")))
    if names == (NO_FORMATS,):
        return ()
    if unknown := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is not one of {', '.join(known)}")
    return names


def print_height(text: str) -> float:
    """Parse the height of a print in millimeters."""
    try:
        height = float(text.lower().removesuffix("mm"))
    except ValueError:
        height = float("nan")
    if not (isfinite(height) and MIN_PRINT_HEIGHT_MM <= height <= MAX_PRINT_HEIGHT_MM):
        limits = f"{MIN_PRINT_HEIGHT_MM:g} to {MAX_PRINT_HEIGHT_MM:g}"
        raise argparse.ArgumentTypeError(f"{text!r} is no height in millimeters from {limits}")
    return height


def add_print_height(parser: argparse.ArgumentParser) -> None:
    """Add the flag --print-height."""
    text = "height of the object in STL and 3MF in millimeters, the unit of slicers; other files keep --size"
    parser.add_argument("--print-height", type=print_height, default=0.0, metavar="MM", help=text)


def check_formats(wanted: Collection[str], output: str, print_height_mm: float) -> None:
    """Check that the formats can hold a result, and that a print height has a use.

    Raises:
        BadRequest: They cannot, or it has none.
    """
    if output == "cloud" and (lacking := [name for name in wanted if name in MESH_FORMATS]):
        raise BadRequest(f"A cloud cannot be written as .{lacking[0]}. Leave that out of --format.")
    if print_height_mm and not set(wanted) & set(PRINT_FORMATS):
        raise BadRequest("--print-height only affects .stl and .3mf. Add one of them to --format.")


def print_notice(wanted: Collection[str], sizes_m: Collection[float], print_height_mm: float) -> str:
    """Return a sentence on the size of what a slicer reads, or ""."""
    names = " and ".join(f".{name}" for name in PRINT_FORMATS if name in wanted)
    if names and print_height_mm:
        return f"{names}: {print_height_mm:g} mm high, in millimeters, the unit of slicers. Other files are in meters."
    if "stl" in wanted:
        side = f"{max(sizes_m, default=1.0):g}"
        return (
            f".stl is in meters, but has no unit: a slicer takes {side} m for {side} mm. "
            "Use --print-height to print it, such as --print-height 60."
        )
    return ""
