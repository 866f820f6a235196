# SPDX-License-Identifier: GPL-3.0-or-later
"""Toy figures that look to the front: snowman, robot, dog, cat, penguin."""

import numpy as np

from .parts import Category, Part, turned
from .placing import ball, both_sides, cone, rod, turned_curve
from .primitives import Box, Extrusion, Torus, cylinder
from .thickness import half_thickness


def _hat(rng, z, brim, tall):
    crown = 0.66 * brim
    if rng.random() < 0.25:
        top = z + 1.3 * tall
        return [cone("hat", (0, 0, top), (0, 0, z - 0.02), 0.85 * brim), ball("hat", (0, 0, top - 0.03), 0.06)]
    rim = Part(cylinder(brim, 0.037), "hat", (0, 0, z))
    return [rim, Part(cylinder(crown, tall / 2), "hat", (0, 0, z + tall / 2))]


def snowman(rng, look):
    """Two or three stacked snowballs with eyes, a carrot, a hat and perhaps buttons, a scarf and arms."""
    wide = 0.23 * look.width * rng.uniform(0.95, 1.1)
    sizes = [wide, 0.74 * wide, 0.56 * wide] if rng.random() < 0.65 else [wide, 0.68 * wide]
    tall, parts, z = look.height / look.width**0.3, [], 0.0
    for size in sizes:
        z += 0.88 * size * tall
        parts.append(ball("main", (0, 0, z), size, size, size * tall))
        z += 0.68 * size * tall
    head, face = parts[-1].at[2], sizes[-1]
    eye_z = head + 0.25 * face * tall
    parts += both_sides(lambda side: ball("eyes", (0.42 * side * face, -0.84 * face, eye_z), 0.04))
    parts.append(cone("nose", (0, -face - 0.14, head - 0.02), (0, -0.75 * face, head), 0.052, 0.025))
    for lift in (0.0, 0.5)[: rng.integers(0, 3)]:
        belly = parts[len(sizes) - 2]
        size = belly.solid.radii[0]
        at = (0, -size * np.cos(lift), belly.at[2] + size * tall * np.sin(lift))
        parts.append(ball("eyes", at, 0.042))
    if rng.random() < 0.8:
        parts += _hat(rng, head + 0.82 * face * tall, 1.05 * face, 0.18 * look.height * rng.uniform(0.8, 1.2))
    if rng.random() < 0.6:
        parts += _scarf(head - 0.8 * face * tall, 0.72 * face)
    return parts + _stick_arms(parts[len(sizes) - 2], tall, look) if rng.random() < 0.7 else parts


def _scarf(z, ring):
    end = (0.45 * ring, -1.35 * ring - 0.03, z - 0.17)
    return [Part(Torus(ring, 0.05), "scarf", (0, 0, z)), rod("scarf", (0.4 * ring, -ring, z), end, 0.045)]


def _stick_arms(body, tall, look):
    size, thick = body.solid.radii[0], half_thickness(look, 0.076)
    reach, z = size + 0.2 * look.width, body.at[2] + 0.2 * tall * size
    return both_sides(lambda side: rod("arms", (0.8 * side * size, 0, z), (side * reach, 0, z + 0.13), thick))


def _robot_head(rng, z, wide, tall):
    """Box, drum or dome head with eyes and antenna, its neck on `z`."""
    half, middle = tall / 2, z + tall / 2
    deep = 0.8 * wide
    kind = rng.choice(["box", "drum", "dome"])
    if kind == "box":
        head = Part(Box((wide, deep, half), 0.03), "main", (0, 0, middle))
    elif kind == "drum":
        head, deep = Part(cylinder(wide, half), "main", (0, 0, middle)), 0.9 * wide
    else:
        head, deep = ball("main", (0, 0, z + 0.35 * tall), wide, 0.95 * wide, 0.65 * tall), 0.86 * wide
    parts = [head]
    if rng.random() < 0.3:
        parts.append(Part(Box((0.72 * wide, 0.06, 0.05), 0.02), "eyes", (0, -deep, middle)))
    else:
        parts += both_sides(lambda side: ball("eyes", (0.42 * side * wide, -deep, middle), 0.055, 0.045, 0.055))
    if rng.random() < 0.5:
        tips = [(0.0, z + tall + 0.12)]
    else:
        tips = [(0.55 * wide * side, z + tall + 0.1) for side in (-1, 1)]
    for x, top in tips:
        parts += [rod("antenna", (0.7 * x, 0, middle), (x, 0, top), 0.043), ball("antenna", (x, 0, top), 0.06)]
    return parts


def _robot_feet(rng, half, hip, leg):
    if rng.random() < 0.25:
        turn, wheel = turned("y", 90), cylinder(0.15, 0.05)
        parts = both_sides(lambda side: Part(wheel, "legs", (0.75 * side * half, 0, 0.15), turn))
        axle = Part(Box((0.75 * half, 0.05, 0.05)), "legs", (0, 0, 0.15))
        return [*parts, axle, rod("legs", (0, 0, 0.15), (0, 0, hip + 0.03), 1.4 * leg)]
    x, foot = 0.55 * half, Box((1.45 * leg, 0.11, 0.045), 0.02)
    parts = both_sides(lambda side: rod("legs", (side * x, 0, leg), (side * x, 0, hip + 0.03), leg))
    return parts + both_sides(lambda side: Part(foot, "legs", (side * x, -0.03, 0.045)))


def robot(rng, look):
    """A box or barrel body; box, drum or dome head; arms down, forward or up; legs or wheels."""
    half, tall = 0.2 * look.width * rng.uniform(0.95, 1.15), 0.34 * look.height * rng.uniform(0.9, 1.15)
    hip, limb = 0.27 * look.height * rng.uniform(0.85, 1.15), half_thickness(look, 0.09, 1.15)
    barrel = rng.random() < 0.3
    body = cylinder(half, tall / 2) if barrel else Box((half, 0.75 * half, tall / 2), 0.03)
    parts = [Part(body, "main", (0, 0, hip + tall / 2)), *_robot_feet(rng, half, max(hip, 0.2), limb)]
    shoulder = hip + 0.82 * tall
    reach = np.array([0.06, *((0, -0.26), (-0.22, -0.1), (0, 0.24))[rng.integers(0, 3)]]) * (1, 1, look.height)
    for side in (-1, 1):
        start = np.array([side * (half + 0.5 * limb), 0, shoulder])
        hand = start + reach * (side, 1, 1)
        parts += [rod("arms", start, hand, limb), ball("arms", hand, 1.4 * limb)]
    neck = hip + tall
    parts.append(Part(cylinder(0.4 * half, 0.04), "main", (0, 0, neck)))
    high = 0.24 * look.height * rng.uniform(0.9, 1.1)
    return parts + _robot_head(rng, neck + 0.02, half * rng.uniform(0.7, 0.9), high)


def _face(at, size, eye):
    """Two eyes on the front of a head of radius `size` at `at`."""
    x, y, z = at
    return both_sides(lambda side: ball("eyes", (x + 0.42 * side * size, y - 0.84 * size, z + 0.3 * size), eye))


def dog(rng, look):
    """A body on four legs, a head with snout and hanging or pricked ears, a raised tail; slim, stocky or long."""
    girth = 0.15 * look.width**0.5 * rng.uniform(0.9, 1.15)
    long = 0.24 * look.width * rng.choice([0.85, 1.0, 1.3]) * rng.uniform(0.95, 1.05)
    leg, hip = half_thickness(look, 0.084, 1.3) * rng.uniform(0.95, 1.15), 0.27 * look.height * rng.uniform(0.8, 1.15)
    z = hip + 0.75 * girth
    parts = [rod("main", (0, -long, z), (0, long, z), girth)]
    for x in (-0.6 * girth, 0.6 * girth):
        parts += [rod("main", (x, y, leg), (x, y, z), leg) for y in (-long, long)]
    size = 0.17 * rng.uniform(0.92, 1.1)
    head = (0, -long - 0.12, z + girth + 0.13 * look.height)
    parts += [rod("main", (0, -long, z), head, 0.75 * girth), ball("main", head, size, 0.95 * size, 0.95 * size)]
    muzzle = (0, head[1] - 1.3 * size, head[2] - 0.35 * size)
    parts += [rod("main", head, muzzle, 0.45 * size), ball("eyes", np.add(muzzle, (0, -0.42 * size, 0.2 * size)), 0.05)]
    parts += _face(head, size, 0.047) + _dog_ears(rng, head, size)
    tail = (0, long + girth + 0.12, z + rng.uniform(0.15, 0.3))
    parts.append(rod("tail", (0, long + 0.6 * girth, z + 0.4 * girth), tail, half_thickness(look, 0.076, 1.3)))
    if rng.random() < 0.5:
        collar = np.subtract(head, (0, -0.35 * size, 0.75 * size))
        parts.append(Part(Torus(0.72 * girth, 0.045), "collar", tuple(collar), turned("x", 25)))
    return parts


def _dog_ears(rng, head, size):
    if rng.random() < 0.3:
        tip, base = np.array([0.75, 0, 1.5]) * size, np.array([0.5, 0, 0.5]) * size
        return both_sides(lambda s: cone("ears", head + tip * (s, 1, 1), head + base * (s, 1, 1), 0.4 * size, 0.04))
    at = np.array([1.1, 0.05, -0.15]) * size
    return both_sides(
        lambda s: ball("ears", head + at * (s, 1, 1), 0.055, 0.48 * size, 0.85 * size, turned("y", -14 * s)))


def _cat_ears(head, size):
    x, y, z = head
    outline = ((-0.42 * size, 0.0), (0.42 * size, 0.0), (0.08 * size, 0.85 * size), (-0.08 * size, 0.85 * size))
    ear = Extrusion(outline, 0.045)
    return both_sides(lambda s: Part(ear, "ears", (x + 0.5 * s * size, y, z + 0.55 * size), turned("y", 14 * s)))


def _cat_tail(rng, wide, deep, look):
    thick = half_thickness(look, 0.096)
    if rng.random() < 0.5:
        path = [(0, deep, 0.08), (0.25, deep + 0.13, 0.12), (0.3, deep + 0.15, 0.35), (0.2, deep + 0.13, 0.5)]
    else:
        far = wide + 0.1
        path = [(0, deep, thick), (far, 0.6 * deep, thick), (far, -0.5 * deep, thick), (0.6 * wide, -1.2 * deep, thick)]
    return [rod("tail", start, end, thick) for start, end in zip(path[:-1], path[1:], strict=True)]


def cat(rng, look):
    """A cat that sits upright, slim or plump, with pointed ears; its tail is up behind or curled around."""
    wide, tall = 0.2 * look.width * rng.uniform(0.92, 1.12), 0.52 * look.height * rng.uniform(0.92, 1.1)
    pear = ((0, 0), (0.8, 0), (1, 0.22), (0.86, 0.5), (0.6, 0.85), (0.4, 1), (0, 1))
    parts = [turned_curve("main", [(wide * r, tall * z) for r, z in pear])]
    parts += both_sides(lambda s: ball("main", (0.72 * s * wide, -0.1 * wide, 0.13), 0.55 * wide, 0.85 * wide, 0.13))
    x, leg = 0.38 * wide, half_thickness(look, 0.1)
    parts += both_sides(lambda s: rod("main", (s * x, -1.1 * wide, leg), (s * x, -0.45 * wide, 0.7 * tall), leg))
    size = 0.2 * rng.uniform(0.92, 1.1)
    head = (0, -0.25 * wide, tall + 0.6 * size)
    parts.append(ball("main", head, 1.1 * size, 0.92 * size, 0.9 * size))
    parts += _cat_ears(head, size) + _face(head, 0.95 * size, 0.045)
    parts.append(ball("main", (0, head[1] - 0.85 * size, head[2] - 0.2 * size), 0.42 * size, 0.28 * size, 0.26 * size))
    parts += _cat_tail(rng, wide, 0.75 * wide, look)
    if rng.random() < 0.4:
        parts.append(Part(Torus(0.55 * wide, 0.045), "collar", (0, -0.1 * wide, tall - 0.06)))
    return parts


def penguin(rng, look):
    """An upright egg with a light belly and face, flippers down or spread, a beak and big feet."""
    wide, tall = 0.27 * look.width * rng.uniform(0.92, 1.1), 0.86 * look.height * rng.uniform(0.92, 1.08)
    low = 0.05
    egg = ((0, 0), (0.55, 0.01), (0.9, 0.14), (1.0, 0.34), (0.92, 0.55), (0.78, 0.72), (0.74, 0.82), (0.58, 0.94),
           (0.3, 0.99), (0, 1.0))
    parts = [turned_curve("main", [(wide * r, low + tall * z) for r, z in egg])]
    parts.append(ball("belly", (0, -0.2 * wide, low + 0.37 * tall), 0.82 * wide, 0.9 * wide, 0.34 * tall))
    face = low + 0.79 * tall
    eye = np.array([0.36 * wide, -0.42 * wide, face + 0.02])
    parts += both_sides(lambda s: ball("belly", eye * (s, 1, 1), 0.34 * wide, 0.4 * wide, 0.11 * tall))
    parts += both_sides(lambda s: ball("eyes", eye * (s, 1, 1) - (0, 0.38 * wide, 0), 0.048))
    parts.append(cone("beak", (0, -0.7 * wide - 0.16, face - 0.04), (0, -0.5 * wide, face - 0.03), 0.065, 0.025))
    spread = rng.uniform(10, 45)
    flipper = 0.24 * tall
    for side in (-1, 1):
        turn = turned("y", -side * spread)
        at = np.add((0.86 * side * wide, 0, low + 0.62 * tall), turn @ (0, 0, -0.8 * flipper))
        parts.append(ball("main", tuple(at), 0.042 * max(look.thick, 1.0), 0.09, flipper, turn))
    return parts + both_sides(lambda side: ball("feet", (0.45 * side * wide, -0.55 * wide, 0.04), 0.11, 0.16, 0.045))


_EYES = (("eyes",), ("black",))

FIGURES = (
    Category("snowman", snowman, accents={
        "hat": (("hat",), ("black", "red", "blue")), "nose": (("nose", "carrot nose"), ("orange",)),
        "scarf": (("scarf",), ("red", "blue", "green")), "arms": (("arms",), ("brown",)),
        "eyes": (("eyes", "buttons", "coal"), ("black",))}),
    Category("robot", robot, accents={
        "eyes": (("eyes",), ("cyan", "yellow", "red")), "arms": (("arms",), None), "legs": (("legs",), None),
        "antenna": (("antenna", "antennas"), ("red", "yellow"))}),
    Category("dog", dog, ("puppy",), {
        "ears": (("ears",), None), "tail": (("tail",), None), "collar": (("collar",), ("red", "blue")), "eyes": _EYES}),
    Category("cat", cat, ("kitten", "kitty"), {
        "ears": (("ears",), None), "tail": (("tail",), None), "collar": (("collar",), ("red", "blue")),
        "eyes": (("eyes",), ("green", "yellow", "black"))}),
    Category("penguin", penguin, accents={
        "belly": (("belly", "tummy", "chest"), ("white",)), "beak": (("beak",), ("orange", "yellow")),
        "feet": (("feet",), ("orange", "yellow")), "eyes": _EYES}),
)
