# SPDX-License-Identifier: GPL-3.0-or-later
"""Wells, and fences along x."""

import numpy as np

from .faceted import Faceted
from .parts import Category, Part, rotation
from .placing import SIDEWAYS, ball, both_sides, box, cone, rod, sheet
from .primitives import Lathe, Torus, cylinder
from .thickness import half_thickness


def _round_wall(wide, wall, thick):
    """A ring of stones with water in it."""
    rim = ((wide - thick, wall), (wide + 0.02, wall), (wide + 0.02, wall - 0.06), (wide, wall - 0.07))
    ring = Lathe(((wide - thick, 0.02), *rim, (wide, 0), (0, 0), (0, 0.02)))
    water = cylinder(wide - thick + 0.02, 0.33 * wall)
    parts = [Part(ring, "main"), Part(water, "water", (0, 0, 0.33 * wall))]
    return parts + [Part(Torus(wide - 0.006, 0.022), "main", (0, 0, share * wall)) for share in (0.3, 0.56)]


def _square_wall(wide, wall, thick):
    """Four walls with water between."""
    at, half = wide - thick / 2, thick / 2
    parts = both_sides(lambda s: box("main", (s * at, 0, wall / 2), (half, wide, wall / 2), 0.006))
    parts += both_sides(lambda s: box("main", (0, s * at, wall / 2), (wide, half, wall / 2), 0.006))
    return [*parts, box("water", (0, 0, 0.33 * wall), (wide - thick, wide - thick, 0.33 * wall))]


def _well_roof(rng, h, wide, x, z):
    """A pitched roof with gables over the posts at `x`, or a pointed one."""
    rise, eave = 0.2 * h * rng.uniform(0.9, 1.15), wide + 0.05
    if rng.random() < 0.65:
        slab = [(-eave, -0.03), (-eave, 0.04), (0, rise + 0.05), (eave, 0.04), (eave, -0.03), (0, rise - 0.03)]
        gable = [(-0.6 * eave, 0), (0.6 * eave, 0), (0, 0.8 * rise)]
        roof = sheet("roof", slab, wide + 0.09, (0, 0, z), SIDEWAYS)
        return [roof, *both_sides(lambda s: sheet("posts", gable, 0.028, (s * x, 0, z), SIDEWAYS))]
    return [Part(Faceted(4, ((1.5 * eave, 0.0), (0.02, rise + 0.06))), "roof", (0, 0, z), rotation("z", 45))]


def well(rng, proportions):
    """A well: a round or square wall with water, two posts, a pitched or pointed roof, a winch and a bucket."""
    h = proportions.height
    wide, wall = 0.3 * proportions.width * rng.uniform(0.95, 1.06), 0.27 * h * rng.uniform(0.92, 1.1)
    roof, post, x = 0.68 * h, half_thickness(proportions, 0.068), wide - 0.03
    parts = (_round_wall if rng.random() < 0.7 else _square_wall)(wide, wall, 0.075)
    parts += both_sides(lambda s: box("posts", (s * x, 0, roof / 2 + 0.02), (post, post, roof / 2 + 0.02)))
    parts += _well_roof(rng, h, wide, x, roof)
    winch = wall + 0.55 * (roof - wall)
    drop, crank = winch - 0.16 * h, (x + 0.1, 0, winch)
    return [
        *parts,
        rod("winch", (-x - 0.08, 0, winch), crank, 0.034),
        rod("winch", crank, (x + 0.1, 0, winch - 0.1), 0.028),
        rod("winch", (0, 0, winch), (0, 0, drop), 0.024),
        Part(cylinder(0.06, 0.07, 0.085), "bucket", (0, 0, drop - 0.05)),
    ]


def _pickets(rng, posts, half, tall):
    count = rng.choice([7, 9])
    parts, wide = posts[:1] + posts[2:], 0.33 * 2 * half / count
    picket = [(-wide, 0), (wide, 0), (wide, tall - 0.07), (0, tall + 0.02), (-wide, tall - 0.07)]
    for x in (np.arange(count) - (count - 1) / 2) * 2 * half / (count + 0.6):
        parts.append(sheet("main", picket, 0.026, (x, -0.03, 0)))
    return parts + [box("rails", (0, 0.015, z * tall), (half, 0.028, 0.036)) for z in (0.26, 0.72)]


def _ranch_rails(rng, posts, half, tall):
    levels = np.linspace(0.3, 0.85, rng.choice([2, 3]))
    parts = [*posts, *(ball("posts", (x, 0.02, tall + 0.07), 0.065) for x in (-half, 0, half))]
    return parts + [box("main", (0, 0, z * tall), (half + 0.02, 0.03, 0.05), 0.004) for z in levels]


def _lattice(_rng, posts, half, tall):
    parts = [*posts, *(box("rails", (0, 0.0, z), (half, 0.032, 0.036)) for z in (0.08, tall - 0.02))]
    slat = (0.028, 0.024, 0.66 * 0.72 * tall)
    for x in np.linspace(-half + 0.36 * tall, half - 0.36 * tall, 7):
        parts += [box("main", (x, 0.014 * s, tall / 2 + 0.03), slat, 0, rotation("y", 45.0 * s)) for s in (-1, 1)]
    return parts


def _iron_bars(_rng, posts, half, tall):
    parts = [*(box("rails", (0, 0, z * tall), (half, 0.03, 0.03)) for z in (0.14, 0.8)), posts[0], posts[2]]
    for x in np.linspace(-half, half, 10)[1:-1]:
        parts.append(rod("main", (x, 0, 0.03), (x, 0, tall), 0.028))
        parts.append(cone("points", (x, 0, tall + 0.12), (x, 0, tall - 0.01), 0.048, 0.012))
    return parts + [ball("points", (x, 0.02, tall + 0.08), 0.06) for x in (-half, half)]


def fence(rng, proportions):
    """A fence along x: pickets, rails between posts, lattice or iron bars with points."""
    tall, t = 0.46 * proportions.height * rng.uniform(0.9, 1.1), max(proportions.thick, 0.9)
    half, build = 0.5 * max(proportions.width, 0.9), (_pickets, _ranch_rails, _lattice, _iron_bars)[rng.integers(4)]
    size = (0.045 * t, 0.045, tall / 2 + 0.02)
    posts = [box("posts", (x, 0.02, tall / 2 + 0.02), size, 0.006) for x in (-half, 0, half)]
    return build(rng, posts, half, tall)


WELLS_AND_FENCES = (
    Category(
        "well",
        well,
        ("wishing well",),
        {
            "roof": (("roof",), ("red", "brown")),
            "posts": (("posts",), ("brown",)),
            "water": (("water",), ("blue", "cyan")),
            "winch": (("winch", "rope"), ("gray", "white")),
            "bucket": (("bucket",), ("brown", "gray")),
        },
    ),
    Category(
        "fence",
        fence,
        ("picket fence",),
        {
            "posts": (("posts",), None),
            "rails": (("rails",), None),
            "points": (("points", "spikes"), ("golden", "black")),
        },
    ),
)
