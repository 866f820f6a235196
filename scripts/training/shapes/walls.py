# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared parts of buildings: doors, windows and gabled walls with their roof."""

import numpy as np

from .parts import Part, rotation
from .primitives import Extrusion

DOOR, ROOF, SIDEWAYS = ("brown",), ("red", "brown", "gray"), rotation("z", 90)


def opening(role, half, height, at, arched=True):
    """A door or window 0.12 deep, protruding 0.02 from the wall at `at`, the center of its base."""
    turn = np.linspace(0, np.pi, 9) if arched else ()
    arc = [(half * np.cos(t), height - half + half * np.sin(t)) for t in turn] or [(half, height), (-half, height)]
    x, y, z = at
    return Part(Extrusion(((-half, 0), (half, 0), *arc), 0.06), role, (x, y + 0.04, z))


def pitched(half, depth, wall, rise, overhang, thick, at=(0, 0, 0), turn=None):
    """Walls with gables to front and back, and a roof of two slabs with an overhang on all sides."""
    gabled = ((-half, 0), (half, 0), (half, wall), (0, wall + rise), (-half, wall))
    slope, eave = rise / half, half + overhang
    up, low = thick * np.hypot(1.0, slope), wall - slope * overhang
    chevron = (
        (eave, low - 0.02),
        (eave, low + up),
        (0, wall + rise + up),
        (-eave, low + up),
        (-eave, low - 0.02),
        (0, wall + rise - 0.02),
    )
    return [
        Part(Extrusion(gabled, depth), "main", at, turn),
        Part(Extrusion(chevron, depth + overhang), "roof", at, turn),
    ]
