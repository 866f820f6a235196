# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared parts of vehicles: wheels, lamps, plates and solids between two slanting edges."""

import numpy as np

from .parts import Part, rotation
from .primitives import Extrusion, cylinder

GLASS = ("cyan", "blue", "black")
TYRES = (("wheels", "tyres", "tires"), ("black",))


def wheels(xs, radius, half_track, width):
    """Wheels left and right at every x, and one axle per pair with visible hub caps."""
    upright, hub = rotation("x", 90), cylinder(0.45 * radius, half_track + width / 2 + 0.015)
    wheel = cylinder(radius, width / 2)
    parts = [Part(wheel, "wheels", (x, y, radius), upright) for x in xs for y in (-half_track, half_track)]
    return parts + [Part(hub, "main", (x, 0, radius), upright) for x in xs]


def across(front, back, low, high, half_depth, role, proud=0.0, steps=2):
    """A solid across the vehicle between two edges, given as x of z, from `low` to `high`."""
    heights = np.linspace(low, high, steps)
    outline = [(front(z) - proud, z) for z in heights] + [(back(z) + proud, z) for z in heights[::-1]]
    return Part(Extrusion(tuple(outline), half_depth), role)


def line(low, at_low, high, at_high):
    """The straight edge x(z) through two points."""
    return lambda z: at_low + (at_high - at_low) * (z - low) / (high - low)


def moved(edge, by):
    """The edge x(z) shifted along x."""
    return lambda z: edge(z) + by


def lights(x, half_y, z, radius=0.05):
    """Two round lamps on the nose."""
    return [Part(cylinder(radius, 0.045), "lights", (x, y, z), rotation("y", 90)) for y in (-half_y, half_y)]


def plate(outline, half_height, role, at, rounding=0.0):
    """A flat part whose outline is given in the x-y plane."""
    return Part(Extrusion(outline, half_height, rounding), role, at, rotation("x", 90))
