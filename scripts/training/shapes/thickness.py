# SPDX-License-Identifier: GPL-3.0-or-later
"""Thickness of legs, boards and walls: scaled by size words, with a minimum that a small model can represent."""

THINNEST = 0.068  # of the longest side


def half_thickness(proportions, share, longest=1.0):
    """Return half of the thickness of a part, in the units of the shape.

    Args:
        proportions: factors of the size words; `proportions.thick` scales the thickness.
        share: ordinary full thickness as a share of the longest side.
        longest: the shape's longest side, in its units.
    """
    return max(share * proportions.thick, THINNEST) * longest / 2
