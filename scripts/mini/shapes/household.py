# SPDX-License-Identifier: GPL-3.0-or-later
"""Shelves, lamps and vessels."""

import numpy as np

from .parts import Category, Part, turned
from .primitives import Box, Capsule, Ellipsoid, Extrusion, Lathe, Torus, cylinder
from .thickness import half_thickness


def _smooth(corners, count=14):
    """`count` points on a Catmull-Rom curve through (radius, z) corners."""
    given = np.asarray(corners, float)
    ends = np.concatenate([2 * given[:1] - given[1:2], given, 2 * given[-1:] - given[-2:-1]])
    where = np.linspace(0, len(given) - 1, count)
    left = np.minimum(where.astype(int), len(given) - 2)
    t = (where - left)[:, None]
    p0, p1, p2, p3 = (ends[left + k] for k in range(4))
    curve = p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)))
    return [(max(radius, 0.0), z) for radius, z in curve.tolist()]


def _solid_lathe(outside):
    return Lathe(((0.0, outside[0][1]), *outside, (0.0, outside[-1][1])))


def _hollow(outside, wall, floor):
    """A lathe open at the top: walls `wall` thick measured across, floor at z = `floor`."""
    inside = [(radius - wall, z) for radius, z in reversed(outside) if z > floor and radius > wall]
    radius_at_floor = np.interp(floor, [z for _, z in outside], [radius for radius, _ in outside]) - wall
    return Lathe(((0.0, outside[0][1]), *outside, *inside, (max(radius_at_floor, 0.02), floor), (0.0, floor)))


def _ear(reach, half_height, thick, squareness, rounding=0.015):
    """A C-shaped handle in x-z that opens towards -x; its ends lie at x = 0."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, 11)
    x, z = np.cos(angles).clip(0) ** squareness, np.sign(np.sin(angles)) * np.abs(np.sin(angles)) ** squareness
    outer = [((reach - rounding) * a, (half_height - rounding) * b) for a, b in zip(x, z, strict=True)]
    cut = thick - rounding
    inner = [((reach - cut) * a, (half_height - cut) * b) for a, b in zip(x, z, strict=True)]
    return Extrusion((*outer, *reversed(inner)), thick / 2 - rounding, rounding)


def _books(rng, half_x, y, bottom, room, half):
    """Two or three books side by side on one board, at its left or right end."""
    width, side = rng.uniform(0.085, 0.11), rng.choice((-1, 1))
    count = min(rng.integers(2, 4), int(2 * half_x / width))
    heights = room * rng.uniform(0.6, 0.88, count)
    return [Part(Box((width / 2 + 0.004, half, tall / 2 + 0.008)), "books",
                 (side * (half_x - width * (k + 0.5)), y, bottom + tall / 2 - 0.008)) for k, tall in enumerate(heights)]


def shelf(rng, look):
    """An upright bookcase with two to four compartments, books in most of them, flat or on feet."""
    half_x, half_y = 0.31 * look.width * rng.uniform(0.85, 1.15), 0.16 * rng.uniform(0.9, 1.15)
    height = 0.98 * look.height * rng.uniform(0.85, 1.0)
    longest = max(height, 2 * half_x)
    half = half_thickness(look, 0.075, longest)
    foot, rows = rng.choice((0.0, 0.08)) * longest, int(np.clip(round(height / 0.3), 2, 4))
    step, inner = (height - foot - 2 * half) / rows, half_x - half
    parts = [Part(Box((half, half_y, (height - foot) / 2)), "main", (x, 0, (height + foot) / 2)) for x in (-inner, inner)]
    parts.append(Part(Box((inner, half, (height - foot) / 2 - 0.01)), "back", (0, half_y - half - 0.01, (height + foot) / 2)))
    levels = foot + half + step * np.arange(rows + 1)
    parts += [Part(Box((inner, half_y - 0.006, half)), "main", (0, 0, z)) for z in levels]
    for z in levels[:-1][rng.random(rows) < 0.8] if rows > 2 else levels[:-1]:
        parts += _books(rng, inner - half + 0.008, -0.02, z + half, step - 2 * half, half_y - 0.05)
    if foot:
        parts += [Part(Box((half, half, foot / 2 + 0.01)), "main", (x, y, foot / 2 + 0.01))
                  for x in (-inner, inner) for y in (half - half_y, half_y - half)]
    return parts


def _shade(rng, radius, half_height):
    """A cone stump, a drum or a dome, centred on its origin."""
    style = rng.choice(3, p=(0.5, 0.2, 0.3))
    if style < 2:
        return cylinder(radius, half_height, radius * (rng.uniform(0.45, 0.65) if style == 0 else 0.93))
    angles = np.linspace(0, np.pi / 2, 12)
    return Lathe(((0.0, -half_height), *((radius * np.cos(a), half_height * (2 * np.sin(a) - 1)) for a in angles[:-1]),
                  (0.0, half_height)))


def _lamp_base(rng, look, radius, low):
    """A disc, a stepped cone or, on a table lamp, a bulb."""
    half = half_thickness(look, 0.09)
    style = rng.integers(3 if low else 2)
    if style == 2:
        return [Part(Ellipsoid((0.9 * radius, 0.9 * radius, 0.17)), "base", (0, 0, 0.17 + half)),
                Part(cylinder(0.75 * radius, half), "base", (0, 0, half))]
    return [Part(cylinder(radius, half, radius * (0.92 if style else 0.6)), "base", (0, 0, half))]


def lamp(rng, look):
    """A table lamp or a taller, slimmer floor lamp: base, pole and a shade."""
    low = rng.random() < 0.5
    height = (0.8 if low else 1.0) * look.height * rng.uniform(0.92, 1.06)
    radius = (0.33 if low else 0.24) * look.width * rng.uniform(0.9, 1.12)
    half_shade = (0.17 if low else 0.15) * look.height ** 0.5 * rng.uniform(0.9, 1.15)
    pole = half_thickness(look, 0.085, max(height, 2 * radius))
    parts = [Part(_shade(rng, radius, half_shade), "main", (0, 0, height - half_shade)),
             Part(cylinder(pole, (height - half_shade) / 2), "pole", (0, 0, (height - half_shade) / 2))]
    return parts + _lamp_base(rng, look, (0.62 if low else 0.75) * radius, low)


def _mug_outside(rng, radius, height):
    """A straight, tapered or bellied side from the ground up."""
    style = rng.integers(3)
    foot, middle = ((0.97, 1.0), (0.78, 0.9), (0.8, 1.1))[style]
    return _smooth([(foot * radius, 0.0), (middle * radius, 0.45 * height), (radius, height)], 8 if style else 3)


def mug(rng, look):
    """A cup with one round or square ear: straight, tapered or bellied."""
    radius, height = 0.36 * look.width * rng.uniform(0.9, 1.08), 0.82 * look.height * rng.uniform(0.82, 1.08)
    longest = max(2.65 * radius, height)
    thick, wall = 2 * half_thickness(look, 0.1, longest), 2 * half_thickness(look, 0.085, longest)
    outside = _mug_outside(rng, radius, height)
    ear = _ear(0.3 * rng.uniform(0.9, 1.1) * longest, min(0.36 * height, 0.3), thick, rng.uniform(0.6, 1.0))
    lining = [(r - 0.015, z) for r, z in outside[:-1]] + [(outside[-1][0] - 0.015, height - 0.012)]
    return [Part(_hollow(outside, wall - 0.012, wall), "main"),
            Part(_hollow(lining, wall - 0.015, wall + 0.01), "inside", (0, 0, 0.0)),
            Part(ear, "handle", (0.92 * radius - 0.3 * wall, 0, 0.5 * height))]


def bottle(rng, look):
    """A slim body with shoulders, a neck, a cap and a label; sloping or square shoulders."""
    height, radius = 0.92 * look.height * rng.uniform(0.95, 1.05), 0.19 * look.width * rng.uniform(0.88, 1.15)
    shoulder, neck = height * rng.uniform(0.5, 0.62), max(0.42 * radius, half_thickness(look, 0.13, height))
    slope = rng.uniform(0.12, 0.22) * height
    side = [(0.93 * radius, 0.0), (radius, 0.04 * height), (radius, shoulder)]
    top = _smooth([(radius, shoulder), (0.86 * radius, shoulder + 0.45 * slope), (neck, shoulder + slope),
                   (neck, height - 0.03)], 12)
    cap, band = half_thickness(look, 0.12, height), rng.uniform(0.12, 0.17) * height
    return [Part(_solid_lathe(side + top[1:]), "main"),
            Part(cylinder(neck + 0.022, cap), "cap", (0, 0, height - cap)),
            Part(cylinder(radius + 0.015, band), "label", (0, 0, rng.uniform(0.48, 0.56) * shoulder))]


_VASES = ((0.6, 1.0, 0.85, 0.5, 0.62), (0.55, 0.7, 1.0, 0.6, 0.66), (0.6, 0.62, 0.66, 0.78, 1.0), (0.7, 1.0, 0.9, 0.46, 0.72))


def vase(rng, look):
    """A turned vase with a foot and a rim: bellied, shouldered, flared or bulbous with a narrow neck."""
    height, radius = 0.95 * look.height * rng.uniform(0.88, 1.05), 0.29 * look.width * rng.uniform(0.88, 1.12)
    longest = max(height, 2 * radius)
    wall = 2 * half_thickness(look, 0.085, longest)
    shape = np.array(_VASES[rng.integers(len(_VASES))]) * rng.uniform(0.93, 1.07, 5)
    radii = np.maximum(radius * shape, 1.9 * wall)
    outside = _smooth(list(zip(radii, height * np.array((0.0, 0.3, 0.55, 0.8, 0.97)), strict=True)), 13)
    foot = half_thickness(look, 0.1, longest)
    return [Part(_hollow(outside, wall, 0.62 * height), "main"),
            Part(Torus(radii[-1] - 0.42 * wall, 0.55 * wall), "rim", (0, 0, 0.97 * height)),
            Part(cylinder(1.1 * radii[0] + 0.01, foot), "base", (0, 0, foot))]


def _spout(radius, z, thick):
    """A tapered spout towards -x that leaves the body and bends upwards."""
    mouth = (-1.62 * radius, 0, z + 0.62 * radius)
    return [Part(Capsule((-0.7 * radius, 0, z - 0.25 * radius), (-1.28 * radius, 0, z + 0.1 * radius), 1.3 * thick), "spout"),
            Part(Capsule((-1.28 * radius, 0, z + 0.1 * radius), mouth, thick), "spout")]


def teapot(rng, look):
    """A round, flat or tall belly with spout, lid with a knob, and an ear at the side or a bail over the top."""
    radius, half = 0.3 * look.width * rng.uniform(0.95, 1.05), 0.27 * look.height * rng.uniform(0.88, 1.15)
    longest = max(3.3 * radius, 2.6 * half)
    thick, foot = 2 * half_thickness(look, 0.085, longest), half_thickness(look, 0.08, longest)
    z = half + 0.6 * foot
    parts = [Part(Ellipsoid((radius, radius, half)), "main", (0, 0, z)),
             Part(cylinder(0.62 * radius, foot), "main", (0, 0, foot)),
             Part(Ellipsoid((0.62 * radius, 0.62 * radius, 0.4 * half)), "lid", (0, 0, z + 0.78 * half)),
             Part(Ellipsoid((0.7 * thick, 0.7 * thick, 0.7 * thick)), "lid", (0, 0, z + 1.18 * half + 0.4 * thick))]
    parts += _spout(radius, z, 0.55 * thick)
    if rng.random() < 0.7:
        return parts + [Part(_ear(0.75 * radius, 0.7 * half, thick, rng.uniform(0.7, 1.0)), "handle", (0.82 * radius, 0, z))]
    bail = _ear(1.3 * half + 2.2 * thick, 0.8 * radius, thick, rng.uniform(0.7, 0.9))
    return parts + [Part(bail, "handle", (0, 0, z + 0.5 * half), turned("y", -90))]


_BOWLS = ((0.42, 0.8, 0.96, 1.0), (0.5, 0.66, 0.82, 1.0), (0.6, 0.92, 1.0, 0.98))


def bowl(rng, look):
    """A wide open bowl with a rim and a foot: round, flared or deep."""
    radius, height = 0.5 * look.width * rng.uniform(0.93, 1.05), 0.42 * look.height * rng.uniform(0.85, 1.2)
    wall = 2 * half_thickness(look, 0.09, 2 * radius)
    shape = np.array(_BOWLS[rng.integers(len(_BOWLS))]) * radius
    outside = _smooth(list(zip(shape, height * np.array((0.0, 0.3, 0.65, 1.0)), strict=True)), 9)
    lining = [(r - 0.015, z) for r, z in outside]
    return [Part(_hollow(outside, wall - 0.012, wall + 0.02), "main"),
            Part(_hollow(lining, wall - 0.015, wall + 0.03), "inside", (0, 0, 0.0)),
            Part(cylinder(shape[0] + 0.02, 0.05), "main", (0, 0, 0.05)),
            Part(Torus(shape[-1] - 0.45 * wall, 0.55 * wall), "rim", (0, 0, height))]


HOUSEHOLD = (
    Category("shelf", shelf, ("bookshelf", "bookcase"), {
        "books": (("books",), ("red", "blue", "green", "yellow", "orange")), "back": (("back", "back panel"), None)}),
    Category("lamp", lamp, ("table lamp", "floor lamp"), {
        "pole": (("pole", "stem"), ("brown", "black", "gray")), "base": (("base", "foot"), ("brown", "black", "gray"))}),
    Category("mug", mug, ("cup", "coffee mug"), {
        "handle": (("handle",), None), "inside": (("inside", "interior"), None)}),
    Category("bottle", bottle, ("flask",), {
        "cap": (("cap", "lid", "top"), ("white", "black", "gray")), "label": (("label",), ("white", "yellow"))}),
    Category("vase", vase, ("urn",), {"rim": (("rim", "lip"), None), "base": (("base", "foot"), None)}),
    Category("teapot", teapot, ("tea pot",), {
        "lid": (("lid",), None), "handle": (("handle",), None), "spout": (("spout",), None)}),
    Category("bowl", bowl, ("dish",), {"rim": (("rim", "edge"), None), "inside": (("inside", "interior"), None)}),
)
