# SPDX-License-Identifier: GPL-3.0-or-later
"""Human figures, skulls and hands that face the front."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import ball, blend, both_sides, box, chain, cone, eyes_on, rod, sheet, taper
from .primitives import Lathe, Torus, cylinder


def _hair(rng, head, size):
    """Short hair, long hair, a bun, a ponytail or spikes on a head."""
    x, y, z = head
    cap = ball("hair", (x, y + 0.12 * size, z + 0.16 * size), 1.06 * size, 1.0 * size, 0.98 * size)
    fringe = ball("hair", (x, y - 0.55 * size, z + 0.72 * size), 0.75 * size, 0.42 * size, 0.3 * size)
    style = rng.integers(5)
    if style == 1:
        return [cap, fringe, ball("hair", (x, y + 0.5 * size, z - 0.5 * size), 0.95 * size, 0.5 * size, 1.15 * size)]
    if style == 2:
        return [cap, fringe, ball("hair", (x, y + 0.3 * size, z + 1.2 * size), 0.42 * size)]
    if style == 3:
        tail = [
            (x, y + 0.9 * size, z + 0.5 * size),
            (x, y + 1.45 * size, z + 0.1 * size),
            (x, y + 1.4 * size, z - 0.9 * size),
        ]
        return [cap, fringe, *chain("hair", tail, (0.32 * size, 0.36 * size, 0.16 * size))]
    if style == 4:
        tips = [(0, -0.5, 1.45), (0.55, 0.1, 1.4), (-0.55, 0.1, 1.4), (0, 0.6, 1.35)]
        return [
            cap,
            *(
                cone(
                    "hair",
                    np.add(head, np.multiply(t, size)),
                    np.add(head, np.multiply(t, 0.55 * size)),
                    0.34 * size,
                    0.03,
                )
                for t in tips
            ),
        ]
    return [cap, fringe]


_POSES = (
    ((0.14, 0.0, -0.17), (0.17, -0.03, -0.34)),
    ((0.18, -0.02, -0.1), (0.28, -0.06, 0.06)),
    ((0.2, 0.0, 0.0), (0.36, 0.0, 0.0)),
    ((0.13, -0.06, -0.16), (0.08, -0.2, -0.2)),
)
"""Elbow and hand relative to the shoulder."""


def _upper_body(rng, h, hip, chest, wide, limb):
    """The blended shirt of a person, and the neck, forearms and hands."""
    shoulders = rod("main", (-0.75 * wide, 0, chest - 0.02), (0.75 * wide, 0, chest - 0.02), 0.07)
    shirt = [taper("main", (0, 0, hip + 0.02), (0, 0, chest - 0.02), 0.92 * wide, wide), shoulders]
    poses, skin = [_POSES[rng.integers(4)], _POSES[rng.integers(4)]], []
    has_sleeves = rng.random() < 0.5
    for s, pose in zip((-1, 1), poses, strict=True):
        start = np.array((s * (wide + 0.025), 0, chest - 0.02))
        elbow, hand = (start + np.multiply(place, (s, 1, h)) for place in pose)
        shirt.append(taper("main", start, elbow, 1.1 * limb, limb))
        forearm = taper("main" if has_sleeves else "skin", elbow, hand, limb, 0.9 * limb)
        (shirt if has_sleeves else skin).append(forearm)
        skin.append(ball("skin", hand, 1.2 * limb))
    return [blend("main", shirt, 0.03), taper("skin", (0, 0, chest), (0, 0, chest + 0.1), 0.055, 0.055), *skin]


def _lower_body(rng, h, hip, wide, t):
    """Trousers or a skirt, legs and shoes, standing or walking."""
    x, stride, is_skirt = 0.55 * wide, rng.choice([0.0, 0.0, 0.1]), rng.random() < 0.3
    legs, shoes = [], []
    for s in (-1, 1):
        foot = np.array((1.15 * s * x, s * stride, 0.06))
        legs.append(taper("skin" if is_skirt else "trousers", (s * x, 0, hip), foot, 0.068 * t, 0.055 * t))
        shoes.append(taper("shoes", foot - (0, -0.01, 0.012), foot - (0, 0.08, 0.02), 0.056, 0.05))
    if is_skirt:
        skirt = Lathe(((0, 0), (1.65 * wide, 0), (0.85 * wide, 0.22 * h), (0, 0.22 * h)))
        return [*legs, Part(skirt, "trousers", (0, 0, hip - 0.15 * h)), *shoes]
    return [blend("trousers", [ball("trousers", (0, 0, hip), 0.95 * wide, 0.8 * wide, 0.075), *legs], 0.03), *shoes]


def _hat(head, size):
    """A hat with a brim over some hair."""
    z = head[2] + 0.62 * size
    hair = ball("hair", (0, 0.25 * size, head[2]), 1.02 * size, 0.95 * size, 0.8 * size)
    crown = Part(cylinder(0.88 * size, 0.065), "hat", (0, 0, z + 0.06))
    return [Part(cylinder(1.3 * size, 0.025), "hat", (0, 0, z)), crown, hair]


def person(rng, proportions):
    """A toy person, arms down, raised, spread or on the hip, in trousers or a skirt; hair of five kinds or a hat."""
    w, h, t = proportions.width, proportions.height, max(proportions.thick, 0.9)
    hip, size = 0.36 * h * rng.uniform(0.94, 1.06), 0.125 * rng.uniform(0.95, 1.12)
    chest, wide = hip + 0.25 * h, 0.115 * w
    head = (0, 0, chest + 0.09 + size)
    parts = [*_upper_body(rng, h, hip, chest, wide, 0.052 * t), *_lower_body(rng, h, hip, wide, t)]
    parts += [ball("skin", head, size, size, 1.05 * size), *eyes_on(head, size, (0.42, -0.9, 0.08), 0.027)]
    return parts + (_hat(head, size) if rng.random() < 0.25 else _hair(rng, head, size))


def skull(rng, proportions):
    """A skull: round or long, wide or narrow jaw with teeth, closed or open, some with bones crossed behind."""
    w, h = proportions.width, proportions.height
    wide, tall, jaw = 0.33 * w, 0.3 * h * rng.uniform(0.95, 1.12), rng.uniform(0.52, 0.72)
    z, gap = 0.34 + tall, rng.choice([0.0, 0.06])
    bone = [
        ball("main", (0, 0.04, z), wide, 0.38, tall),
        ball("main", (0, -0.1, z - 0.62 * tall), 0.72 * wide, 0.24, 0.42 * tall),
        *both_sides(lambda s: ball("main", (0.62 * s * wide, -0.2, z - 0.55 * tall), 0.1, 0.1, 0.08)),
    ]
    front = -0.3
    low = z - 1.12 * tall - gap
    chin = [
        ball("main", (0, -0.13, low - 0.05), jaw * wide, 0.2, 0.1),
        *both_sides(
            lambda s: taper(
                "main", (0.9 * jaw * s * wide, 0.02, low), (0.75 * jaw * s * wide, 0.05, z - 0.5 * tall), 0.06, 0.07
            )
        ),
    ]
    parts = [blend("main", [*bone, *chin], 0.05)]
    eye = np.array((0.4 * wide, front + 0.045, z - 0.2 * tall))
    shape = rng.choice([1.0, 0.8])
    parts += both_sides(
        lambda s: ball("eyes", eye * (s, 1, 1), 0.28 * wide, 0.1, 0.27 * wide * shape, rotation("y", 12 * s))
    )
    nose = [(-0.055, -0.05), (0.055, -0.05), (0.0, 0.07)]
    parts.append(sheet("nose", nose, 0.07, (0, front - 0.0, z - 0.62 * tall)))
    count = rng.choice([4, 5, 6])
    for x in (np.arange(count) - (count - 1) / 2) / count * 1.5 * jaw * wide:
        deep = front + 0.02 + 0.9 * x**2
        parts.append(box("teeth", (x, deep, z - 1.08 * tall), (0.55 * jaw * wide / count, 0.05, 0.06), 0.018))
        parts.append(box("teeth", (x, deep + 0.01, low + 0.045), (0.55 * jaw * wide / count, 0.05, 0.05), 0.018))
    if rng.random() < 0.25:
        for s in (-1, 1):
            start, end = np.array((-0.52 * s, 0.2, 0.1)), np.array((0.52 * s, 0.2, 0.55))
            parts.append(rod("bones", start, end, 0.05))
            parts += [ball("bones", point + (0, 0, dz), 0.075) for point in (start, end) for dz in (-0.045, 0.045)]
    return parts


_GESTURES = {
    "open": (1, 1, 1, 1),
    "pointing": (0, 0, 0, 1),
    "victory": (0, 0, 1, 1),
    "fist": (0, 0, 0, 0),
    "horns": (1, 0, 0, 1),
}
"""Which of the fingers are stretched, from the little one to the index."""


def hand(rng, proportions):
    """A hand upright, palm to the front: open, pointing, in a V, a thumb up or a fist; with a sleeve or a bracelet."""
    w, h, t = proportions.width, proportions.height, max(proportions.thick, 0.85)
    wide, finger = 0.19 * w, 0.05 * t
    names = list(_GESTURES)
    gesture = names[rng.choice(5, p=(0.45, 0.15, 0.15, 0.15, 0.1))]
    palm = 0.52 * h
    parts = [
        box("main", (0, 0, palm), (wide, 0.075, 0.16), 0.065),
        taper("main", (0, 0, palm - 0.12), (0, 0, 0.14), 0.115, 0.1),
    ]
    spread, nails = rng.uniform(0.25, 0.55), []
    longs = (0.2, 0.27, 0.3, 0.27)
    for index, (x, is_up) in enumerate(zip(np.linspace(-0.78, 0.78, 4) * wide, _GESTURES[gesture], strict=True)):
        root = np.array((x, 0, palm + 0.12))
        if is_up:
            tip = root + (spread * x, -0.015, longs[index] * h)
            parts += chain(
                "main", [root, (root + tip) / 2 + (0, 0.012, 0), tip], (1.12 * finger, 1.02 * finger, 0.88 * finger)
            )
            nails.append(
                ball("nails", tip + (0, 0.68 * finger, 0.2 * finger), 0.62 * finger, 0.5 * finger, 0.8 * finger)
            )
        else:
            parts += chain("main", [root, root + (0, -0.12, 0.05), root + (0, -0.15, -0.08)], 1.05 * finger)
    thumb_up = gesture in ("open", "fist") and rng.random() < 0.75
    start = np.array((0.75 * wide, -0.02, palm - 0.08))
    path = (
        [(0.11, -0.03, 0.1), (0.19, -0.04, 0.26 if gesture == "fist" else 0.2)]
        if thumb_up
        else [(0.06, -0.12, 0.06), (-0.06, -0.19, 0.12)]
    )
    parts += chain("main", [start, *(start + p for p in path)], (1.5 * finger, 1.2 * finger, 1.0 * finger))
    body = [blend("main", parts, 0.03)] + (nails if rng.random() < 0.5 else [])
    if rng.random() < 0.55:
        return [
            *body,
            Part(cylinder(0.165, 0.11, 0.15), "sleeve", (0, 0, 0.11)),
            Part(Torus(0.15, 0.04), "cuff", (0, 0, 0.21)),
        ]
    body.append(taper("main", (0, 0, 0.12), (0, 0, 0.2), 0.1, 0.1))
    return [*body, Part(Torus(0.105, 0.035), "bracelet", (0, 0, 0.2))] if rng.random() < 0.5 else body


_SKIN = ("pink", "brown", "yellow")

PEOPLE = (
    Category(
        "person",
        person,
        ("human", "man", "woman", "figure"),
        {
            "skin": (("skin", "face"), _SKIN),
            "hair": (("hair",), ("brown", "black", "yellow")),
            "trousers": (("trousers", "pants"), ("blue", "black", "gray")),
            "shoes": (("shoes",), ("black", "brown", "white")),
            "hat": (("hat",), ("black", "red", "brown")),
            "eyes": (("eyes",), ("black",)),
        },
    ),
    Category(
        "skull",
        skull,
        (),
        {
            "eyes": (("eyes", "eye sockets"), ("black", "red")),
            "nose": (("nose",), ("black",)),
            "teeth": (("teeth",), ("white", "yellow")),
            "bones": (("bones",), ("white",)),
        },
    ),
    Category(
        "hand",
        hand,
        (),
        {
            "nails": (("nails", "fingernails"), ("pink", "red")),
            "sleeve": (("sleeve",), ("blue", "black", "red")),
            "cuff": (("cuff",), ("white",)),
            "bracelet": (("bracelet",), ("golden", "silver")),
        },
    ),
)
