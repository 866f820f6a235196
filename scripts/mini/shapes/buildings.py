# SPDX-License-Identifier: GPL-3.0-or-later
"""Things to live in and to look up at. Doors look to -y."""

import numpy as np

from .parts import Category, Part, turned
from .primitives import Box, Ellipsoid, Extrusion, Lathe, cylinder

DOOR, ROOF, PANE = ("brown",), ("red", "brown", "gray"), ("cyan", "yellow", "white")


def _arch(half, height):
    """The outline of a round-topped door or window, its foot at z = 0."""
    turn = np.linspace(0, np.pi, 9)
    return ((-half, 0.0), (half, 0.0), *((half * np.cos(t), height - half + half * np.sin(t)) for t in turn))


def _opening(rng_or_round, half, height, role, at, turn=None):
    """A door or window 0.12 deep, round-topped or square; `at` is the middle of its foot."""
    outline = _arch(half, height) if rng_or_round else ((-half, 0), (half, 0), (half, height), (-half, height))
    return Part(Extrusion(outline, 0.06), role, at, turn)


def _pitched(half, depth, wall, rise, overhang, thick, at=(0, 0, 0), turn=None):
    """Walls with gables to front and back, and a roof of two slabs that stands over on all sides."""
    gabled = ((-half, 0), (half, 0), (half, wall), (0, wall + rise), (-half, wall))
    slope, eave = rise / half, half + overhang
    up = thick * np.hypot(1.0, slope)
    low = wall - slope * overhang
    chevron = ((eave, low - 0.02), (eave, low + up), (0, wall + rise + up), (-eave, low + up), (-eave, low - 0.02),
               (0, wall + rise - 0.02))
    return [Part(Extrusion(gabled, depth), "main", at, turn), Part(Extrusion(chevron, depth + overhang), "roof", at, turn)]


def house(rng, look):
    """A house with a pitched roof: gable or eaves to the front, one or two storeys, perhaps a side wing."""
    half, depth = 0.31 * look.width * rng.uniform(0.92, 1.1), rng.uniform(0.25, 0.3)
    floors = 1 if rng.random() < 0.6 else 2
    wall, rise = (0.3 if floors == 1 else 0.45) * look.height * rng.uniform(0.92, 1.1), rng.uniform(0.24, 0.32) * look.height**0.5
    thick, front, sideways = 0.07 * max(look.thick, look.height, look.width, 1) ** 0.7, -depth, rng.random() < 0.5
    if sideways:
        parts = _pitched(depth, half, wall, rise, 0.06, thick, turn=turned("z", 90))
    else:
        parts = _pitched(half, depth, wall, rise, 0.06, thick)
    door, tall = 0.07 * look.width**0.5, min(0.24, 0.75 * wall / floors + 0.05)
    rounded, pane = rng.random() < 0.3, 0.06 * look.width**0.5
    parts.append(_opening(rounded, door, tall, "door", (0, front + 0.04, 0)))
    for x in (-0.62 * half, 0.62 * half):
        parts.append(_opening(False, pane, 0.13, "windows", (x, front + 0.042, min(0.11, 0.3 * wall))))
        if floors == 2:
            parts.append(_opening(False, pane, 0.13, "windows", (x, front + 0.042, wall - 0.19)))
    parts.append(Part(Box((half + 0.018, 0.075, 0.065)), "windows", (0, 0, 0.55 * wall)))
    x, back = rng.choice([-0.5, 0.5]) * half, 0.3 * depth
    ridge = wall + rise
    if rng.random() < 0.85:
        stack = 0.055 * look.thick
        parts.append(Part(Box((stack, stack, 0.17)), "chimney", (x, back, ridge - 0.04)))
    return parts


def _crown(radius, height, count, block, role="main", at=(0, 0, 0)):
    """A ring of merlons."""
    angles = np.arange(count) * 2 * np.pi / count
    return [Part(Box((block, block, height / 2)), role, (at[0] + radius * np.cos(a), at[1] + radius * np.sin(a), at[2]),
                 turned("z", np.degrees(a))) for a in angles]


def tower(rng, look):
    """A slender tower, round or square, with a pointed roof or with battlements."""
    tall, half = 0.72 * look.height * rng.uniform(0.93, 1.08), 0.15 * look.width * rng.uniform(0.9, 1.12)
    square, foot = rng.random() < 0.4, rng.uniform(1.0, 1.25)
    head = half + rng.uniform(0.025, 0.05)
    collar = 0.13 * look.height
    if square:
        parts = [Part(Box((half, half, tall / 2)), "main", (0, 0, tall / 2)),
                 Part(Box((head, head, collar / 2)), "main", (0, 0, tall))]
    else:
        parts = [Part(cylinder(foot * half, tall / 2, half), "main", (0, 0, tall / 2)),
                 Part(cylinder(head, collar / 2), "main", (0, 0, tall))]
    top = tall + collar / 2
    if rng.random() < 0.3:
        block = 0.042 * max(look.width, look.height)
        parts += _battlements(square, head, block, top)
    else:
        cone = rng.uniform(0.28, 0.36) * look.height
        reach = head * (1.15 if not square else 1.25) + 0.01
        parts.append(Part(cylinder(reach, cone / 2, 0.012), "roof", (0, 0, top + cone / 2 - 0.015)))
    face = half * (1.0 if square else foot)
    parts.append(_opening(True, 0.065, 0.19, "door", (0, 0.04 - face, 0)))
    for share in (0.42, 0.7):
        face = half if square else half * (foot + (1 - foot) * share)
        parts.append(_opening(True, 0.05, 0.12, "windows", (0, 0.04 - face, share * tall)))
    return parts


def _battlements(square, head, block, top):
    if not square:
        return _crown(head - block, 0.1, 7, block, at=(0, 0, top + 0.03))
    steps = (block - head, 0.0, head - block)
    return [Part(Box((block, block, 0.05)), "main", (x, y, top + 0.03)) for x in steps for y in steps if x or y]


def _crenellated(half, height, count, tooth):
    """The outline of a wall with `count` teeth on top."""
    edges = np.linspace(-half, half, 2 * count)
    corners = [(half, 0.0), (-half, 0.0)]
    for i, x in enumerate(edges):
        corners += [(x, height), (x, height + tooth)] if i % 2 == 0 else [(x, height + tooth), (x, height)]
    return tuple(corners[:2] + corners[3:-1])


def castle(rng, look):
    """A castle: four round towers with pointed roofs or flat heads, crenellated walls, a gate and a keep."""
    half, tall = 0.34 * look.width * rng.uniform(0.95, 1.05), 0.5 * look.height * rng.uniform(0.92, 1.1)
    deep, radius, wall = 0.33, rng.uniform(0.1, 0.125) * look.thick**0.4, 0.62 * tall
    parts = [Part(Box((half, deep, 0.3 * wall)), "main", (0, 0, 0.3 * wall))]
    for y in (-deep, deep):
        parts.append(Part(Extrusion(_crenellated(half, wall, 4, 0.08), 0.045 * look.thick**0.5), "main", (0, y, 0)))
    for x in (-half, half):
        parts.append(Part(Extrusion(_crenellated(deep, wall, 4, 0.08), 0.045 * look.thick**0.5), "main", (x, 0, 0), turned("z", 90)))
    cone, keep, pointed = rng.uniform(0.22, 0.3) * look.height**0.5, rng.uniform(0.13, 0.16), rng.random() < 0.7
    for x in (-half, half):
        for y in (-deep, deep):
            parts.append(Part(cylinder(radius, tall / 2), "main", (x, y, tall / 2)))
            if pointed:
                parts.append(Part(cylinder(1.22 * radius, cone / 2, 0.012), "roofs", (x, y, tall + cone / 2 - 0.01)))
            else:
                parts.append(Part(cylinder(1.2 * radius, 0.06), "roofs", (x, y, tall + 0.03)))
    high = 1.45 * tall
    parts.append(Part(Box((keep, keep, high / 2)), "main", (0, 0.06, high / 2)))
    parts.append(Part(cylinder(1.35 * keep, cone / 2, 0.02), "roofs", (0, 0.06, high + cone / 2 - 0.01)))
    parts.append(_opening(True, 0.09, min(0.25, wall - 0.02), "door", (0, -deep - 0.005, 0)))
    return parts + _flag(0, 0.06, high + cone - 0.08)


def _flag(x, y, z):
    return [Part(cylinder(0.036, 0.13), "flags", (x, y, z + 0.1)), Part(Box((0.09, 0.036, 0.055)), "flags", (x + 0.1, y, z + 0.175))]


def lighthouse(rng, look):
    """A tapering round lighthouse with stripes, a gallery, a lamp and a domed or pointed top."""
    tall, foot = 0.7 * look.height * rng.uniform(0.95, 1.05), rng.uniform(0.17, 0.2) * look.width
    neck, count = foot * rng.uniform(0.55, 0.7), rng.choice([5, 5, 7])
    radius = lambda share: foot + (neck - foot) * share  # noqa: E731
    parts, base = [Part(cylinder(foot + 0.05, 0.05), "main", (0, 0, 0.05))], 0.08
    for i in range(count):
        low, high, wide = i / count, (i + 1) / count, 0.012 * (i % 2)
        solid = cylinder(radius(low) + wide, tall / count / 2 + 0.006, radius(high) + wide)
        parts.append(Part(solid, "stripes" if i % 2 else "main", (0, 0, base + tall * (low + high) / 2)))
    z, lamp = base + tall, rng.uniform(0.13, 0.16) * look.height
    parts += [Part(cylinder(neck + 0.055, 0.04), "main", (0, 0, z + 0.02)),
              Part(cylinder(0.78 * neck, lamp / 2 + 0.02), "lamp", (0, 0, z + 0.05 + lamp / 2))]
    roof = neck + 0.03
    if rng.random() < 0.5:
        dome = [(roof * np.cos(t), 0.85 * roof * np.sin(t)) for t in np.linspace(0, np.pi / 2, 8)[:-1]]
        solid = Lathe(((0, -0.04), (roof, -0.04), *dome, (0, 0.85 * roof)))
    else:
        solid = Lathe(((0, -0.03), (roof, -0.03), (roof, 0), (0.015, 1.3 * roof), (0, 1.3 * roof)))
    parts.append(Part(solid, "top", (0, 0, z + 0.06 + lamp)))
    parts.append(_opening(True, 0.06, 0.17, "door", (0, 0.04 - radius(0.02), base)))
    return parts


def _cross(x, y, z, thin):
    return [Part(Box((thin, thin, 0.12)), "cross", (x, y, z + 0.09)), Part(Box((0.095, thin, thin)), "cross", (x, y, z + 0.125))]


def church(rng, look):
    """A church: a long nave with a pitched roof, a bell tower with a spire in front or beside, a cross on top."""
    half, long = 0.19 * look.width * rng.uniform(0.92, 1.1), rng.uniform(0.3, 0.36)
    wall, rise = 0.27 * look.height * rng.uniform(0.95, 1.1), rng.uniform(0.17, 0.22)
    parts = _pitched(half, long, wall, rise, 0.04, 0.07, (0, 0.1, 0))
    for y in (-0.1, 0.1, 0.3):
        parts.append(Part(Extrusion(_arch(0.052, 0.17), half + 0.016), "windows", (0, y + 0.02, 0.27 * wall), turned("z", 90)))
    wide, tall = 0.12 * look.width**0.5, 0.56 * look.height * rng.uniform(0.95, 1.08)
    beside = rng.random() < 0.35
    x, y = (half + 0.6 * wide, 0.0 - long + 0.2) if beside else (0.0, -long + 0.06)
    spire = 0.24 * look.height * rng.uniform(0.9, 1.25)
    parts += [Part(Box((wide, wide, tall / 2)), "main", (x, y, tall / 2)),
              Part(cylinder(1.42 * wide, spire / 2, 0.03), "roof", (x, y, tall + spire / 2 - 0.01)),
              _opening(True, 0.055, 0.15, "windows", (x, y - wide + 0.042, 0.68 * tall))]
    parts.append(_opening(True, 0.07, 0.2, "door", (0, (0.1 - long if beside else y - wide) + 0.04, 0)))
    return parts + _cross(x, y, tall + spire - 0.06, 0.036 * max(look.height, 1))


def windmill(rng, look):
    """A windmill: a round tapering tower or a gabled box, four blades in front, a cap, a door."""
    tall, foot = 0.66 * look.height * rng.uniform(0.95, 1.08), rng.uniform(0.2, 0.24) * look.width
    neck, boxy = foot * rng.uniform(0.62, 0.75), rng.random() < 0.3
    thick = 0.04 * max(look.thick**0.5, look.height)
    if boxy:
        neck = 0.85 * foot
        parts = _pitched(neck, neck, tall - 0.05, 0.16, 0.04, 0.07)
    else:
        parts = [Part(cylinder(foot, tall / 2, neck), "main", (0, 0, tall / 2))]
        if rng.random() < 0.5:
            parts.append(Part(cylinder(neck + 0.04, 0.13, 0.03), "roof", (0, 0, tall + 0.12)))
        else:
            parts += [Part(cylinder(neck + 0.03, 0.04), "roof", (0, 0, tall + 0.01)),
                      Part(Ellipsoid((neck + 0.015, neck + 0.015, 0.17)), "roof", (0, 0, tall + 0.03))]
    z, y, reach = tall - 0.04, -(neck + 0.13), 0.4 * look.height**0.5
    start, broad = rng.uniform(15, 75), rng.uniform(0.05, 0.065) * look.thick**0.5
    parts.append(Part(cylinder(0.06, 0.12), "blades", (0, y + 0.07, z), turned("x", 90)))
    for i in range(4):
        turn = turned("y", start + 90 * i)
        at = np.array((0, y, z)) + turn @ np.array((0, 0, reach / 2))
        parts.append(Part(Box((broad, thick, reach / 2)), "blades", tuple(at), turn))
    parts.append(_opening(True, 0.07, 0.2, "door", (0, 0.04 - (neck if boxy else foot), 0)))
    parts.append(_opening(True, 0.055, 0.12, "windows", (0, 0.04 - (neck if boxy else foot + (neck - foot) * 0.5), 0.45 * tall)))
    return parts


BUILDINGS = (
    Category("house", house, ("home", "cottage"), {
        "roof": (("roof",), ROOF), "door": (("door",), DOOR),
        "windows": (("windows",), PANE), "chimney": (("chimney",), ("red", "brown", "gray"))}),
    Category("tower", tower, ("turret",), {
        "roof": (("roof",), ("red", "blue", "gray")), "door": (("door",), DOOR), "windows": (("windows",), ("black", "yellow", "cyan"))}),
    Category("castle", castle, ("fortress",), {
        "roofs": (("roofs", "roof"), ("red", "blue", "purple")), "door": (("door", "gate"), DOOR), "flags": (("flag", "flags"), ("red", "yellow"))}),
    Category("lighthouse", lighthouse, (), {
        "stripes": (("stripes", "bands"), ("red", "white")), "top": (("top", "roof"), ("red", "black")),
        "lamp": (("lamp", "light"), ("yellow",)), "door": (("door",), DOOR)}),
    Category("church", church, ("chapel",), {
        "roof": (("roof",), ROOF), "door": (("door",), DOOR),
        "windows": (("windows",), ("cyan", "blue", "yellow")), "cross": (("cross",), ("yellow", "gray"))}),
    Category("windmill", windmill, ("mill",), {
        "blades": (("blades", "sails", "wings"), ("white", "brown")), "roof": (("roof", "cap"), ROOF),
        "door": (("door",), DOOR), "windows": (("windows",), ("cyan", "yellow"))}),
)
