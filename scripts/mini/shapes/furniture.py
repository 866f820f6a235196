# SPDX-License-Identifier: GPL-3.0-or-later
"""Things to sit on, lie on and put things on."""

from .parts import Category, Part
from .primitives import Box, cylinder


def _legs(rng, half_x, half_y, height, radius):
    solid = cylinder(radius, height / 2) if rng.random() < 0.5 else Box((radius, radius, height / 2))
    return [Part(solid, "legs", (x, y, height / 2)) for x in (-half_x, half_x) for y in (-half_y, half_y)]


def chair(rng, look):
    """A seat, four legs and a back: a plate, or two posts with slats."""
    half_x, half_y = 0.26 * look.width * rng.uniform(0.9, 1.15), 0.26 * rng.uniform(0.9, 1.1)
    seat_z, seat_thick = 0.45 * look.height * rng.uniform(0.9, 1.15), 0.045 * look.thick
    leg = 0.04 * look.thick * rng.uniform(0.9, 1.2)
    back = 0.5 * look.height * rng.uniform(0.85, 1.2)
    parts = [Part(Box((half_x, half_y, seat_thick), 0.01), "seat", (0, 0, seat_z))]
    parts += _legs(rng, half_x - leg, half_y - leg, seat_z, leg)
    if rng.random() < 0.6:
        parts.append(Part(Box((half_x, 0.035 * look.thick, back / 2 + 0.02), 0.01), "back", (0, half_y - 0.035, seat_z + back / 2)))
        return parts
    for x in (leg - half_x, half_x - leg):
        parts.append(Part(Box((leg, leg, back / 2 + 0.02)), "back", (x, half_y - leg, seat_z + back / 2)))
    for share in (0.35, 0.65, 0.93)[rng.integers(0, 2):]:
        parts.append(Part(Box((half_x - leg, 0.032, 0.05)), "back", (0, half_y - leg, seat_z + back * share)))
    return parts


FURNITURE = (
    Category("chair", chair, accents={
        "legs": (("legs",), None), "seat": (("seat", "cushion"), None), "back": (("back", "backrest"), None)}),
)
