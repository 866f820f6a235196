# SPDX-License-Identifier: GPL-3.0-or-later
"""Planes and rockets. Planes point along x, with the nose towards -x."""

import numpy as np

from .parts import Category, Part, rotation
from .primitives import Box, Ellipsoid, Extrusion, Lathe, cylinder
from .wheels import plate

LYING = rotation("y", 90)


def _cigar(rng, belly, tall):
    """The radius over the height of a body that bulges and ends in a point."""
    foot, bulge = rng.uniform(0.62, 0.78), rng.uniform(0.34, 0.45)

    def radius(z):
        share = min(z / tall, 1.0)
        if share < bulge:
            return belly * (foot + (1 - foot) * np.sin(np.pi / 2 * share / bulge))
        return belly * np.cos(np.pi / 2 * (share - bulge) / (1 - bulge)) ** 0.8

    return radius


def _tube(rng, belly, tall):
    """The radius over the height of a straight body with a pointed or a round nose."""
    start, power = rng.uniform(0.64, 0.7), rng.choice([1.0, 0.6])
    return lambda z: belly * min(1.0, max((1 - z / tall) / (1 - start), 0.0) ** power)


def _fins(rng, proportions, belly, foot, radius):
    """Three or four swept fins down to the ground."""
    rise, reach = rng.uniform(0.24, 0.31) * proportions.height, belly + rng.uniform(0.1, 0.14)
    inner, tip = 0.6 * radius(0), rng.uniform(0.35, 0.5) * rise
    outline = (
        (inner, foot + 0.02),
        (inner, foot + rise),
        (radius(rise) + 0.005, foot + rise),
        (reach, foot + tip),
        (reach, 0),
        (reach - 0.08, 0),
    )
    thin = max(0.07 * proportions.height, 0.085 * proportions.thick) / 2
    count, start = (4, 45) if rng.random() < 0.5 else (3, 90)
    return [Part(Extrusion(outline, thin), "fins", turn=rotation("z", start + i * 360 / count)) for i in range(count)]


def rocket(rng, proportions):
    """A standing rocket: cigar or tube, three or four fins, a nose, one or two portholes."""
    tall, belly = 0.9 * proportions.height, rng.uniform(0.175, 0.21) * proportions.width
    foot, radius = 0.1, (_cigar if rng.random() < 0.55 else _tube)(rng, belly, tall)
    split = tall * rng.uniform(0.68, 0.74)
    heights = np.linspace(0, split, 12)
    body = [(0, 0), *((radius(z), z) for z in heights), (0.9 * radius(split), split + 0.02), (0, split + 0.02)]
    cap = split + (tall - split) * np.linspace(0, 0.94, 7)
    nose = [(0, split), *((radius(z) + 0.004, z) for z in cap), (0, tall)]
    parts = [
        Part(Lathe(tuple(body)), "main", (0, 0, foot)),
        Part(Lathe(tuple(nose)), "nose", (0, 0, foot)),
        Part(cylinder(0.68 * radius(0), 0.05, 0.55 * radius(0)), "engine", (0, 0, foot - 0.035)),
    ]
    for share in ((0.56,), (0.6, 0.37))[int(rng.random() < 0.4)]:
        pane, z = 0.42 * belly * (1.0 if share > 0.5 else 0.85), share * tall
        parts.append(Part(cylinder(pane, 0.06), "window", (0, 0.03 - radius(z), foot + z), rotation("x", 90)))
    return parts + _fins(rng, proportions, belly, foot, radius)


def _wing(root, tip, span, sweep):
    """A pair of wings seen from above, leading edge towards -x; `root` and `tip` are chords."""
    right = ((-root / 2, 0), (sweep - tip / 2, span), (sweep + tip / 2, span), (root / 2, 0))
    return (*right, (sweep + tip / 2, -span), (sweep - tip / 2, -span))


def _fuselage(half, length, z, shape):
    """A body of revolution along x from `shape`, pairs of (share of the length, share of the radius)."""
    curve = tuple((half * r, length * (s - 0.5)) for s, r in shape)
    return Part(Lathe(((0, curve[0][1]), *curve, (0, curve[-1][1]))), "main", (0, 0, z), LYING)


def _tail(rng, proportions, length, span, sweep, z, thin):
    end, rise = length / 2 - 0.02, rng.uniform(0.2, 0.27) * proportions.height
    fin = ((end - 0.22, z), (end, z), (end + 0.04, z + rise), (end - 0.09, z + rise))
    flat = plate(_wing(0.16, 0.11, 0.42 * span, sweep), thin, "tail", (end - 0.09, 0, z + 0.02))
    return [flat, Part(Extrusion(fin, thin), "tail")]


def _jet(rng, proportions, length, half, span, thin):
    """A jet with swept wings and an engine below each."""
    engine = 0.055 * proportions.thick**0.5
    z = max(0.1 + engine, half)
    nose, sweep = ((0.0, 0.3), (0.03, 0.58), (0.08, 0.8)), rng.uniform(0.12, 0.18)
    body = _fuselage(half, length, z, (*nose, (0.16, 0.95), (0.26, 1), (0.6, 1), (0.75, 0.88), (0.88, 0.64), (1, 0.4)))
    cap = [(half * r + 0.005, length * (s - 0.5)) for s, r in nose]
    tip = Lathe(((0, -length / 2 - 0.025), *cap, (0, cap[-1][1])))
    wings = plate(_wing(0.27, rng.uniform(0.11, 0.17), span, sweep), thin, "wings", (-0.04, 0, z - 0.04))
    parts = [body, Part(tip, "nose", (0, 0, z), LYING), wings]
    for y in (-0.5 * span, 0.5 * span):
        parts.append(Part(cylinder(engine, 0.09), "main", (-0.04 + 0.5 * sweep - 0.07, y, z - 0.1), LYING))
    parts.append(Part(Ellipsoid((0.11, 0.65 * half, 0.07)), "windows", (-0.3 * length, 0, z + 0.8 * half)))
    return parts + _tail(rng, proportions, length, span, 0.5 * sweep, z, thin)


def _propeller_plane(rng, proportions, length, half, span, thin):
    """A propeller plane with straight wings, low or high."""
    reach, high, front = rng.uniform(0.17, 0.2), rng.random() < 0.5, -length / 2
    z, lean = reach + 0.005, rng.uniform(-15, 15)
    shape = ((0, 0.78), (0.03, 0.92), (0.1, 1), (0.6, 1), (0.75, 0.88), (0.88, 0.66), (1, 0.42))
    parts = [_fuselage(half, length, z, shape), Part(Ellipsoid((0.09, 0.065, 0.065)), "nose", (front - 0.03, 0, z))]
    for angle in (0, 90)[: rng.integers(1, 3)]:
        blade = Box((max(0.04, 0.9 * thin), 0.047 * max(proportions.thick, 1) ** 0.5, reach), 0.015)
        parts.append(Part(blade, "nose", (front - 0.02, 0, z), rotation("x", lean + angle)))
    parts.append(
        plate(
            _wing(0.23, rng.uniform(0.14, 0.2), span, 0.02),
            thin,
            "wings",
            (-0.04, 0, z + (half - 0.01 if high else -0.05)),
        )
    )
    cockpit = (-0.25 if high else -0.14) * length
    parts.append(Part(Ellipsoid((0.11, 0.65 * half, 0.08)), "windows", (cockpit, 0, z + 0.8 * half)))
    return parts + _tail(rng, proportions, length, span, 0.02, z, thin)


def plane(rng, proportions):
    """An airplane: a jet or a propeller plane."""
    length, half = rng.uniform(0.98, 1.05), rng.uniform(0.105, 0.13) * proportions.height**0.5
    span, thin = (
        0.48 * proportions.width * rng.uniform(0.93, 1.08),
        0.041 * max(proportions.thick, proportions.width, 0.95),
    )
    return (_jet if rng.random() < 0.5 else _propeller_plane)(rng, proportions, length, half, span, thin)


CRAFT = (
    Category(
        "rocket",
        rocket,
        ("spaceship", "rocket ship"),
        {
            "fins": (("fins", "wings"), ("red", "orange", "blue")),
            "nose": (("nose", "tip", "nose cone"), ("red", "orange", "blue")),
            "window": (("window", "porthole"), ("cyan", "blue")),
            "engine": (("engine", "thruster"), ("gray", "black")),
        },
    ),
    Category(
        "plane",
        plane,
        ("airplane", "aeroplane", "aircraft"),
        {
            "wings": (("wings",), None),
            "tail": (("tail",), None),
            "nose": (("nose", "propeller"), ("red", "yellow", "gray")),
            "windows": (("windows", "cockpit"), ("cyan", "blue", "black")),
        },
    ),
)
