# SPDX-License-Identifier: GPL-3.0-or-later
"""Thickness of legs, boards and walls: as the size words ask, but never too thin for a small model."""

THINNEST = 0.068  # of the longest side


def half_thickness(look, share, longest=1.0):
    """Half of a part's thickness, in the shape's units.

    Args:
        look: the size words; `look.thick` scales the thickness.
        share: ordinary full thickness as a share of the longest side.
        longest: the shape's longest side, in its units.
    """
    return max(share * look.thick, THINNEST) * longest / 2
