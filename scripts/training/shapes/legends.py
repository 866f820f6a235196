# SPDX-License-Identifier: GPL-3.0-or-later
"""Dinosaurs and dragons that face the front."""

import numpy as np

from .parts import Category, rotation
from .placing import SIDEWAYS, ball, blend, both_sides, chain, cone, curve, eyes_on, sheet, taper


def _body(points, radii, steps=3):
    """A smooth tapering body through points in the y-z plane: (positions, radii, blended rods)."""
    path = curve(np.column_stack([np.zeros(len(points)), points, radii]), steps)
    return path[:, :3], path[:, 3], chain("main", path[:, :3], path[:, 3])


def _legs(at, z, limb, ys, bend=0.05):
    """Pairs of columns under a body."""
    parts = []
    for y in ys:
        for s in (-1, 1):
            parts += chain(
                "main",
                [(s * at, y, z), (s * at * 1.1, y - bend, 0.5 * z), (s * at * 1.1, y, limb)],
                (1.35 * limb, 1.05 * limb, limb),
            )
            parts.append(taper("main", (s * at * 1.1, y, 0.045), (s * at * 1.1, y - 0.07, 0.04), 0.05, 0.045))
    return parts


def _plates(path, radii, first, last, tall, role="spikes", wide=0.8):
    """Triangles along the back of a body."""
    parts, gap = [], 0.0
    for index in range(1, len(path) - 1):
        run = path[index - 1] - path[index + 1]
        gap += np.linalg.norm(path[index] - path[index - 1])
        share = index / (len(path) - 1)
        if not first < share < last or gap < 0.085:
            continue
        gap, angle = 0.0, np.degrees(np.arctan2(run[2], run[1]))
        size = tall * (0.55 + 0.45 * np.sin(np.pi * (share - first) / (last - first)))
        outline = ((-wide * size, -0.03), (wide * size, -0.03), (0.25 * size, size), (0.05 * size, size))
        out = rotation("x", angle) @ (0, 0, radii[index] - 0.012)
        parts.append(sheet(role, outline, 0.028, path[index] + out, rotation("x", angle) @ SIDEWAYS))
    return parts


def _tyrant(rng, w, h, limb):
    """A two-legged dinosaur with small arms and a big head."""
    z = 0.4 * h
    points = [(0.72, 0.2 * h), (0.5, 0.27 * h), (0.25, 0.36 * h), (0.0, z + 0.03), (-0.17, z + 0.16), (-0.25, z + 0.32)]
    path, radii, parts = _body(points, (0.028, 0.06, 0.12, 0.175 * w, 0.12 * w, 0.085))
    head = (0, -0.3, z + 0.36)
    parts += [ball("main", head, 0.105, 0.14, 0.105), taper("main", head, (0, -0.52, z + 0.33), 0.09, 0.075)]
    jaw = taper("main", (0, -0.3, z + 0.27), (0, -0.48, z + 0.22), 0.055, 0.045)
    for s in (-1, 1):
        x = s * 0.14 * w
        parts += chain("main", [(x, 0.03, z), (1.15 * x, -0.07, 0.26 * h), (1.1 * x, 0.04, 0.06)], (0.12, 0.075, 0.055))
        parts.append(taper("main", (1.1 * x, 0.02, 0.045), (1.1 * x, -0.11, 0.042), 0.055, 0.05))
        parts += chain(
            "main",
            [(0.75 * x, -0.2, z + 0.14), (0.85 * x, -0.29, z + 0.06), (0.85 * x, -0.34, z + 0.1)],
            (0.045, 0.036, 0.03),
        )
    teeth = both_sides(lambda s: cone("teeth", (0.05 * s, -0.5, z + 0.23), (0.05 * s, -0.5, z + 0.29), 0.026, 0.01))
    return path, radii, [*parts, jaw], head, (0.105, 0.14, 0.105), teeth


def _long_neck(rng, w, h, limb):
    """A four-legged dinosaur with a long neck and tail."""
    z, lift = 0.34 * h, rng.uniform(0.42, 0.55) * h
    points = [
        (0.75, 0.14 * h),
        (0.5, 0.22 * h),
        (0.25, z),
        (0.0, z + 0.02),
        (-0.2, z + 0.06),
        (-0.32, z + 0.5 * lift),
        (-0.36, z + lift),
    ]
    path, radii, parts = _body(points, (0.03, 0.06, 0.14 * w, 0.185 * w, 0.14 * w, 0.068, 0.055))
    head = (0, -0.42, z + lift + 0.02)
    parts += [taper("main", (0, -0.38, z + lift + 0.02), (0, -0.5, z + lift - 0.02), 0.075, 0.055)]
    return path, radii, parts + _legs(0.11 * w, z, limb, (-0.15, 0.17)), head, (0.07, 0.07, 0.07), []


def _plated(rng, w, h, limb):
    """A four-legged dinosaur with a low head and an arched back."""
    z = 0.3 * h
    points = [(0.66, 0.2 * h), (0.42, 0.26 * h), (0.2, z + 0.06), (0.0, z + 0.1), (-0.2, z + 0.02), (-0.36, z - 0.06)]
    path, radii, parts = _body(points, (0.03, 0.07, 0.14 * w, 0.19 * w, 0.14 * w, 0.075))
    head = (0, -0.42, z - 0.06)
    parts += [taper("main", head, (0, -0.53, z - 0.1), 0.08, 0.055)]
    return path, radii, parts + _legs(0.12 * w, z, limb, (-0.17, 0.17)), head, (0.08, 0.08, 0.08), []


def _horned(rng, w, h, limb):
    """A four-legged dinosaur with a frill and three horns."""
    z = 0.32 * h
    points = [(0.62, 0.12 * h), (0.42, 0.22 * h), (0.2, z + 0.02), (0.0, z + 0.04), (-0.2, z + 0.02), (-0.32, z + 0.03)]
    path, radii, parts = _body(points, (0.03, 0.07, 0.16 * w, 0.2 * w, 0.16 * w, 0.12))
    head = (0, -0.42, z + 0.04)
    parts += [taper("main", head, (0, -0.58, z - 0.04), 0.12, 0.06)]
    frill = ball("spikes", (0, -0.33, z + 0.16), 0.23 * w**0.5, 0.045, 0.2, rotation("x", -24))
    horns = both_sides(lambda s: cone("teeth", (0.12 * s, -0.62, z + 0.28), (0.07 * s, -0.46, z + 0.12), 0.042, 0.014))
    horns.append(cone("teeth", (0, -0.64, z + 0.1), (0, -0.56, z - 0.01), 0.038, 0.014))
    return path, radii, parts + _legs(0.13 * w, z, limb, (-0.17, 0.17)), head, (0.12, 0.12, 0.12), [frill, *horns]


def dinosaur(rng, proportions):
    """A dinosaur: a tyrant on two legs, one with a long neck, one with plates on its back, one with three horns."""
    w, h, limb = proportions.width, proportions.height, 0.068 * max(proportions.thick, 0.85)
    kind = rng.integers(4)
    path, radii, body, head, size, extra = (_tyrant, _long_neck, _plated, _horned)[kind](rng, w, h, limb)
    parts = [blend("main", body, 0.045), *extra, *eyes_on(head, size, (0.75, -0.5, 0.5), 0.038)]
    if kind == 2 or (kind < 2 and rng.random() < 0.5):
        parts += _plates(path, radii, 0.1, 0.85 if kind else 0.8, 0.16 if kind == 2 else 0.085)
    return parts


def _wing(side, at, span, lift):
    """A bat's wing: a bony arm, and a membrane with three scallops."""
    elbow, tip = np.array((0.38, 0.46)) * span, np.array((1.05, 0.3)) * span
    lobes = np.array([tip, (0.86 * span, -0.3 * span), (0.5 * span, -0.42 * span), (0.12 * span, -0.3 * span)])
    outline = [(0.0, 0.05), elbow, 0.5 * (elbow + tip) + (0, 0.04 * span)]
    for first, second in zip(lobes[:-1], lobes[1:], strict=True):
        middle = (first + second) / 2
        hollow = middle + 0.2 * (elbow - middle)
        outline += [first, *curve([first, hollow, second], 3)[1:-1]]
    outline = np.array([*outline, lobes[-1]]) * (side, 1)
    turn = rotation("z", side * lift) @ rotation("x", -12)
    bone = [np.add(at, turn @ (side * x, 0, z)) for x, z in ((0, 0.04), elbow, tip)]
    return [sheet("wings", outline, 0.028, at, turn), *chain("main", bone, (0.045, 0.038, 0.026))]


def _dragon_pose(rng, w, h, limb):
    """Body curve, legs and head of a dragon that sits up or stands on four legs."""
    if rng.random() < 0.5:
        points = [(0.62, 0.07), (0.38, 0.07), (0.16, 0.16 * h), (0.02, 0.34 * h), (-0.06, 0.52 * h), (-0.12, 0.7 * h)]
        radii = (0.03, 0.065, 0.15 * w, 0.17 * w, 0.1 * w, 0.072)
        legs = []
        for s in (-1, 1):
            x = 0.15 * w * s
            legs += [
                ball("main", (x, 0.02, 0.14), 0.085, 0.15, 0.14),
                taper("main", (1.1 * x, -0.05, 0.05), (1.1 * x, -0.19, 0.045), 0.058, 0.05),
            ]
            legs += chain(
                "main",
                [(0.7 * x, -0.1, 0.42 * h), (0.75 * x, -0.2, 0.3 * h), (0.6 * x, -0.27, 0.3 * h)],
                (0.05, 0.042, 0.04),
            )
        return points, radii, legs, (0, -0.2, 0.78 * h)
    z = 0.33 * h
    points = [
        (0.72, 0.2),
        (0.46, 0.2 * h),
        (0.2, z),
        (-0.02, z + 0.02),
        (-0.2, z + 0.04),
        (-0.3, z + 0.2),
        (-0.32, z + 0.33),
    ]
    radii = (0.03, 0.06, 0.12 * w, 0.15 * w, 0.12 * w, 0.07, 0.065)
    return points, radii, _legs(0.1 * w, z, limb, (-0.17, 0.17)), (0, -0.38, z + 0.4)


def dragon(rng, proportions):
    """A dragon that sits up or stands: wings up or spread, horns, spikes along its back, an arrow at its tail."""
    w, h, limb = proportions.width, proportions.height, 0.058 * max(proportions.thick, 0.9)
    points, radii, legs, head = _dragon_pose(rng, w, h, limb)
    path, radii, body = _body(points, radii)
    body += [
        *legs,
        ball("main", head, 0.1, 0.11, 0.095),
        taper("main", head, np.add(head, (0, -0.2, -0.05)), 0.085, 0.06),
    ]
    parts = [blend("main", body, 0.045), *_plates(path, radii, 0.12, 0.95, 0.09)]
    chest = path[int(0.62 * (len(path) - 1))]
    span, lift = 0.5 * rng.uniform(0.92, 1.12), rng.uniform(5, 40)
    for s in (-1, 1):
        parts += _wing(s, np.add(chest, (0.06 * s, 0.06, 0.07)), span, lift)
    top = np.add(head, (0, 0.02, 0.06))
    parts += both_sides(lambda s: cone("horns", top + (0.1 * s, 0.14, 0.13), top + (0.05 * s, 0, 0), 0.036, 0.014))
    parts += eyes_on(head, (0.1, 0.11, 0.095), (0.7, -0.6, 0.45), 0.038)
    for index in range(int(0.45 * (len(path) - 1)), len(path) - 3):
        run, size = path[index - 1] - path[index + 1], 0.78 * radii[index]
        out = rotation("x", np.degrees(np.arctan2(run[2], run[1]))) @ (0, 0, -0.5 * radii[index])
        parts.append(ball("belly", path[index] + out, size))
    run = path[0] - path[1]
    arrow = ((-0.02, -0.09), (0.15, 0), (-0.02, 0.09))
    outline = [(y, x) for y, x in arrow]
    turn = rotation("x", np.degrees(np.arctan2(run[2], run[1]))) @ SIDEWAYS
    return [*parts, sheet("spikes", outline, 0.028, path[0], turn)]


LEGENDS = (
    Category(
        "dinosaur",
        dinosaur,
        ("dino",),
        {
            "spikes": (("spikes", "plates"), ("orange", "red", "yellow")),
            "teeth": (("teeth", "horns"), ("white",)),
            "eyes": (("eyes",), ("black",)),
        },
    ),
    Category(
        "dragon",
        dragon,
        ("wyvern",),
        {
            "wings": (("wings",), ("red", "orange", "purple")),
            "horns": (("horns",), ("white", "black")),
            "spikes": (("spikes",), ("orange", "yellow", "red")),
            "belly": (("belly",), ("yellow", "white")),
            "eyes": (("eyes",), ("yellow", "black")),
        },
    ),
)
