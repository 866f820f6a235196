# SPDX-License-Identifier: GPL-3.0-or-later
"""Toy figures that look to the front: snowman, robot, dog, cat, penguin."""

import numpy as np

from .parts import Category, Part, turned
from .placing import ball, both_sides, cone, rod, stout, turned_curve
from .primitives import Box, Extrusion, Torus, cylinder


def _hat(rng, z, brim, tall):
    crown = 0.66 * brim
    if rng.random() < 0.25:
        return [cone("hat", (0, 0, z + 1.3 * tall), (0, 0, z - 0.02), 0.85 * brim), ball("hat", (0, 0, z + 1.27 * tall), 0.06)]
    rim = Part(cylinder(brim, 0.037), "hat", (0, 0, z))
    return [rim, Part(cylinder(crown, tall / 2), "hat", (0, 0, z + tall / 2))]


def snowman(rng, look):
    """Two or three stacked snowballs with eyes, a carrot, a hat and perhaps buttons, a scarf and arms."""
    wide = 0.27 * look.width * rng.uniform(0.95, 1.1)
    sizes = [wide, 0.74 * wide, 0.56 * wide] if rng.random() < 0.65 else [wide, 0.68 * wide]
    tall, parts, z = look.height / look.width**0.5, [], 0.0
    for size in sizes:
        z += 0.88 * size * tall
        parts.append(ball("main", (0, 0, z), size, size, size * tall))
        z += 0.68 * size * tall
    head, face = parts[-1].at[2], sizes[-1]
    parts += both_sides(lambda side: ball("eyes", (0.38 * side * face, -0.86 * face, head + 0.25 * face * tall), 0.038))
    parts.append(cone("nose", (0, -face - 0.15, head - 0.02), (0, -0.8 * face, head), 0.052, 0.02))
    for lift in (0.0, 0.5)[: rng.integers(0, 3)]:
        belly = parts[len(sizes) - 2]
        size = belly.solid.radii[0]
        at = (0, -size * np.cos(lift), belly.at[2] + size * tall * np.sin(lift))
        parts.append(ball("eyes", at, 0.042))
    if rng.random() < 0.8:
        parts += _hat(rng, head + 0.78 * face * tall, 1.0 * face, 0.2 * look.height * rng.uniform(0.8, 1.2))
    if rng.random() < 0.6:
        parts += _scarf(head - 0.8 * face * tall, 0.72 * face)
    return parts + _stick_arms(parts[len(sizes) - 2], tall, look) if rng.random() < 0.7 else parts


def _scarf(z, ring):
    end = (0.45 * ring, -1.35 * ring - 0.03, z - 0.17)
    return [Part(Torus(ring, 0.05), "scarf", (0, 0, z)), rod("scarf", (0.4 * ring, -ring, z), end, 0.045)]


def _stick_arms(body, tall, look):
    size, z = body.solid.radii[0], body.at[2] + 0.2 * tall * body.solid.radii[0]
    reach = size + 0.2 * look.width
    return both_sides(lambda side: rod("arms", (0.8 * side * size, 0, z), (side * reach, 0, z + 0.13), stout(0.037, look)))


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
        parts += [rod("antenna", (0.7 * x, 0, middle), (x, 0, top), 0.037), ball("antenna", (x, 0, top), 0.055)]
    return parts


def _robot_feet(rng, half, hip, leg):
    if rng.random() < 0.25:
        turn = turned("y", 90)
        return [*both_sides(lambda side: Part(cylinder(0.13, 0.05), "legs", (0.75 * side * half, 0, 0.13), turn)),
                Part(Box((0.75 * half, 0.05, 0.05)), "legs", (0, 0, 0.13)), rod("legs", (0, 0, 0.13), (0, 0, hip + 0.03), 1.4 * leg)]
    parts = both_sides(lambda side: rod("legs", (0.55 * side * half, 0, leg), (0.55 * side * half, 0, hip + 0.03), leg))
    return parts + both_sides(lambda side: Part(Box((1.45 * leg, 0.1, 0.045), 0.02), "legs", (0.55 * side * half, -0.03, 0.045)))


def robot(rng, look):
    """A box or barrel body; box, drum or dome head; arms down, forward or up; legs or wheels."""
    half, tall = 0.2 * look.width * rng.uniform(0.95, 1.15), 0.36 * look.height * rng.uniform(0.9, 1.15)
    hip, limb = 0.2 * look.height * rng.uniform(0.85, 1.15), stout(0.05, look, 1.1)
    barrel = rng.random() < 0.3
    body = cylinder(half, tall / 2) if barrel else Box((half, 0.75 * half, tall / 2), 0.03)
    parts = [Part(body, "main", (0, 0, hip + tall / 2)), *_robot_feet(rng, half, max(hip, 0.17), limb)]
    shoulder = hip + 0.82 * tall
    reach = np.array([0.06, *((0, -0.26), (-0.22, -0.1), (0, 0.24))[rng.integers(0, 3)]]) * (1, 1, look.height)
    for side in (-1, 1):
        start = np.array([side * (half + 0.5 * limb), 0, shoulder])
        hand = start + reach * (side, 1, 1)
        parts += [rod("arms", start, hand, limb), ball("arms", hand, 1.4 * limb)]
    neck = hip + tall
    parts.append(Part(cylinder(0.4 * half, 0.04), "main", (0, 0, neck)))
    return parts + _robot_head(rng, neck + 0.02, half * rng.uniform(0.7, 0.9), 0.24 * look.height * rng.uniform(0.9, 1.1))


def _face(at, size, eye=0.04):
    """Two eyes on the front of a head of radius `size` at `at`."""
    x, y, z = at
    return both_sides(lambda side: ball("eyes", (x + 0.42 * side * size, y - 0.84 * size, z + 0.3 * size), eye))


def dog(rng, look):
    """A body on four legs, a head with snout and hanging or pricked ears, a raised tail; slim, stocky or long."""
    girth = 0.15 * look.width**0.5 * rng.uniform(0.9, 1.15)
    long = 0.24 * look.width * rng.choice([0.85, 1.0, 1.3]) * rng.uniform(0.95, 1.05)
    leg, hip = stout(0.052, look) * rng.uniform(0.95, 1.15), 0.27 * look.height * rng.uniform(0.8, 1.15)
    z = hip + 0.75 * girth
    parts = [rod("main", (0, -long, z), (0, long, z), girth)]
    for x in (-0.6 * girth, 0.6 * girth):
        parts += [rod("main", (x, y, leg), (x, y, z), leg) for y in (-long, long)]
    size = 0.17 * rng.uniform(0.92, 1.1)
    head = (0, -long - 0.12, z + girth + 0.13 * look.height)
    parts += [rod("main", (0, -long, z), head, 0.75 * girth), ball("main", head, size, 0.95 * size, 0.95 * size)]
    muzzle = (0, head[1] - 1.2 * size, head[2] - 0.3 * size)
    parts += [rod("main", head, muzzle, 0.45 * size), ball("eyes", np.add(muzzle, (0, -0.45 * size, 0.15 * size)), 0.045)]
    parts += _face(head, size) + _dog_ears(rng, head, size)
    tail = (0, long + girth + 0.12, z + rng.uniform(0.15, 0.3))
    parts.append(rod("tail", (0, long + 0.6 * girth, z + 0.4 * girth), tail, stout(0.042, look)))
    if rng.random() < 0.5:
        collar = np.subtract(head, (0, -0.35 * size, 0.75 * size))
        parts.append(Part(Torus(0.72 * girth, 0.045), "collar", tuple(collar), turned("x", 25)))
    return parts


def _dog_ears(rng, head, size):
    x, y, z = head
    if rng.random() < 0.3:
        return both_sides(lambda side: cone("ears", (x + 0.75 * side * size, y, z + 1.5 * size), (x + 0.5 * side * size, y, z + 0.5 * size), 0.4 * size, 0.04))
    return both_sides(lambda side: ball("ears", (x + 1.02 * side * size, y + 0.1 * size, z - 0.1 * size), 0.045, 0.42 * size, 0.8 * size, turned("y", -12 * side)))


def _cat_ears(head, size):
    x, y, z = head
    outline = ((-0.42 * size, 0.0), (0.42 * size, 0.0), (0.08 * size, 0.85 * size), (-0.08 * size, 0.85 * size))
    ear = Extrusion(outline, 0.045)
    return both_sides(lambda side: Part(ear, "ears", (x + 0.5 * side * size, y, z + 0.55 * size), turned("y", 14 * side)))


def _cat_tail(rng, wide, deep, look):
    thick = stout(0.048, look)
    if rng.random() < 0.5:
        path = [(0, deep, 0.08), (0.25, deep + 0.13, 0.12), (0.3, deep + 0.15, 0.35), (0.2, deep + 0.13, 0.5)]
    else:
        path = [(0, deep, thick), (wide + 0.1, 0.6 * deep, thick), (wide + 0.1, -0.5 * deep, thick), (0.6 * wide, -1.2 * deep, thick)]
    return [rod("tail", start, end, thick) for start, end in zip(path[:-1], path[1:], strict=True)]


def cat(rng, look):
    """A cat that sits upright: pear-shaped body, front paws, wide head, pointed ears, tail up behind or curled around."""
    wide, tall = 0.2 * look.width * rng.uniform(0.92, 1.12), 0.52 * look.height * rng.uniform(0.92, 1.1)
    pear = ((0, 0), (0.8 * wide, 0), (wide, 0.22 * tall), (0.86 * wide, 0.5 * tall), (0.6 * wide, 0.85 * tall), (0.4 * wide, tall), (0, tall))
    parts = [turned_curve("main", pear)]
    parts += both_sides(lambda side: ball("main", (0.72 * side * wide, -0.1 * wide, 0.13), 0.55 * wide, 0.85 * wide, 0.13))
    leg = stout(0.05, look)
    parts += both_sides(lambda side: rod("main", (0.38 * side * wide, -1.1 * wide, leg), (0.36 * side * wide, -0.45 * wide, 0.7 * tall), leg))
    size = 0.2 * rng.uniform(0.92, 1.1)
    head = (0, -0.25 * wide, tall + 0.6 * size)
    parts += [ball("main", head, 1.1 * size, 0.92 * size, 0.9 * size), *_cat_ears(head, size), *_face(head, 0.95 * size, 0.045)]
    parts.append(ball("main", (0, head[1] - 0.85 * size, head[2] - 0.2 * size), 0.42 * size, 0.28 * size, 0.26 * size))
    parts += _cat_tail(rng, wide, 0.75 * wide, look)
    if rng.random() < 0.4:
        parts.append(Part(Torus(0.55 * wide, 0.045), "collar", (0, -0.1 * wide, tall - 0.06)))
    return parts


def penguin(rng, look):
    """An upright egg with a light belly and face, flippers down or spread, a beak and big feet."""
    wide, tall = 0.27 * look.width * rng.uniform(0.92, 1.1), 0.86 * look.height * rng.uniform(0.92, 1.08)
    low = 0.05
    egg = ((0, 0), (0.55, 0.01), (0.9, 0.14), (1.0, 0.34), (0.92, 0.55), (0.78, 0.72), (0.74, 0.82), (0.58, 0.94), (0.3, 0.99), (0, 1.0))
    parts = [turned_curve("main", [(wide * r, low + tall * z) for r, z in egg])]
    parts.append(ball("belly", (0, -0.3 * wide, low + 0.36 * tall), 0.72 * wide, 0.8 * wide, 0.32 * tall))
    face = low + 0.79 * tall
    if rng.random() < 0.5:
        parts += both_sides(lambda side: ball("belly", (0.33 * side * wide, -0.4 * wide, face + 0.01), 0.3 * wide, 0.37 * wide, 0.1 * tall))
    parts += both_sides(lambda side: ball("eyes", (0.34 * side * wide, -0.74 * wide, face + 0.03), 0.042))
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
        "eyes": (("eyes", "buttons"), ("black",))}),
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
        "feet": (("feet",), ("orange", "yellow")), "eyes": (("eyes",), ("white",))}),
)
