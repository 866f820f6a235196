# SPDX-License-Identifier: GPL-3.0-or-later
"""Things that drive, sail and fly. All point along x, with the nose towards -x."""

import numpy as np

from .parts import Category, Part, turned
from .primitives import Box, Capsule, Ellipsoid, Extrusion, Lathe, cylinder

GLASS = ("cyan", "blue", "black")


def _wheels(xs, radius, half_track, width):
    """Wheels left and right at every x, and one axle each whose ends show as hub caps."""
    upright = turned("x", 90)
    parts = [Part(cylinder(radius, width / 2), "wheels", (x, y, radius), upright)
             for x in xs for y in (-half_track, half_track)]
    return parts + [Part(cylinder(0.45 * radius, half_track + width / 2 + 0.015), "main", (x, 0, radius), upright)
                    for x in xs]


def _side(front, back, low, high, half_depth, role, proud=0.0, steps=2):
    """An extrusion across the vehicle between two edges, given as x of z, from `low` to `high`."""
    heights = np.linspace(low, high, steps)
    outline = [(front(z) - proud, z) for z in heights] + [(back(z) + proud, z) for z in heights[::-1]]
    return Part(Extrusion(tuple(outline), half_depth), role)


def _line(low, at_low, high, at_high):
    """The straight edge x(z) through two points."""
    return lambda z: at_low + (at_high - at_low) * (z - low) / (high - low)


def _lights(x, half_y, z, radius=0.05):
    return [Part(cylinder(radius, 0.045), "lights", (x, y, z), turned("y", 90)) for y in (-half_y, half_y)]


def _plate(outline, half_height, role, at):
    """A flat part whose outline is given in the x-y plane."""
    return Part(Extrusion(outline, half_height), role, at, turned("x", 90))


def _cabin_edges(rng, kind, length, low, high):
    """Front and back edge x(z) of a car's cabin: saloon, hatchback or beetle."""
    if kind == 2:
        reach, middle = 0.36 * length, 0.06 * length
        bulge = lambda z: reach * np.sqrt(max(1.0 - ((z - low) / (high - low)) ** 2, 0.06))  # noqa: E731
        return (lambda z: middle - bulge(z)), (lambda z: middle + bulge(z))
    tail = (0.34, 0.2) if kind == 0 else (0.47, 0.4)
    nose = rng.uniform(-0.24, -0.18)
    return (_line(low, nose * length, high, (nose + rng.uniform(0.12, 0.17)) * length),
            _line(low, tail[0] * length, high, tail[1] * length))


def car(rng, look):
    """A toy car: saloon, hatchback or round beetle."""
    length, half = look.width * rng.uniform(0.95, 1.08), rng.uniform(0.21, 0.25)
    kind, steps = rng.integers(3), 2
    belt = 0.09 + 0.19 * look.height * rng.uniform(0.9, 1.1)
    top = belt + 0.23 * look.height * rng.uniform(0.92, 1.12)
    radius = 0.125 * look.thick**0.5 * rng.uniform(0.93, 1.12) * length**0.5
    hood, tail = rng.uniform(0.02, 0.06), rng.uniform(0.0, 0.04)
    body = ((-length / 2 + 0.02, 0.1), (length / 2 - 0.02, 0.1), (length / 2 - 0.03, belt - tail),
            (0.2, belt), (-0.2, belt), (-length / 2 + 0.04, belt - hood))
    front, back = _cabin_edges(rng, kind, length, belt, top)
    steps = 7 if kind == 2 else 2
    sides, roof = half - 0.015, top - 0.065
    low, high, pillar = belt + 0.02, roof - 0.015, 0.03
    middle = rng.uniform(0.02, 0.08) * length
    parts = [Part(Extrusion(body, half - 0.02, 0.025), "main"),
             _side(front, back, belt - 0.05, top - 0.01, sides, "main", 0.0, steps),
             _side(front, back, roof, top + 0.015, sides + 0.015, "roof", 0.012, steps),
             _side(lambda z: front(z) + 0.06, lambda z: middle - pillar, low, high, sides + 0.018, "windows"),
             _side(lambda z: middle + pillar, lambda z: back(z) - 0.06, low, high, sides + 0.018, "windows"),
             _side(front, lambda z: front(z) + 0.08, low, high, sides - 0.05, "windows", 0.02),
             _side(lambda z: back(z) - 0.08, back, low, high, sides - 0.05, "windows", 0.02)]
    parts += _wheels((-0.3 * length, 0.3 * length), radius, half - 0.01, 0.1 * look.thick)
    return parts + _lights(-length / 2 + 0.01, 0.6 * half, 0.1 + 0.5 * (belt - hood - 0.1))


def _open_bed(start, end, half, low, height, wall):
    """A tipper's bed: floor, two sides and two ends, with an open top."""
    middle, length = (start + end) / 2, end - start
    trough = ((-half, 0), (half, 0), (half, height), (half - wall, height), (half - wall, wall),
              (wall - half, wall), (wall - half, height), (-half, height))
    parts = [Part(Extrusion(trough, length / 2), "cargo", (middle, 0, low), turned("z", 90))]
    for x, tall in ((start + wall / 2, height * 1.15), (end - wall / 2, height * 0.9)):
        parts.append(Part(Box((wall / 2, half - 0.01, tall / 2)), "cargo", (x, 0, low + tall / 2)))
    return parts


def _cargo(rng, look, start, end, half, low):
    """A closed box, an open bed or a round tank."""
    kind, middle = rng.integers(3), (start + end) / 2
    if kind == 0:
        height = 0.4 * look.height * rng.uniform(0.9, 1.15)
        return [Part(Box(((end - start) / 2, half, height / 2), 0.015), "cargo", (middle, 0, low + height / 2))]
    if kind == 1:
        return _open_bed(start, end, half, low, 0.22 * look.height * rng.uniform(0.9, 1.15), 0.075 * look.thick**0.5)
    radius = 0.19 * look.height**0.5 * rng.uniform(0.95, 1.05)
    tank = Capsule((start + 0.55 * radius, 0, 0), (end - 0.55 * radius, 0, 0), radius)
    saddle = Box(((end - start) / 2 - 0.06, 0.6 * radius, 0.05))
    return [Part(tank, "cargo", (0, 0, low + radius)), Part(saddle, "cargo", (middle, 0, low + 0.03))]


def truck(rng, look):
    """A lorry: a cabin in front, and a closed box, an open bed or a tank behind."""
    length, half = look.width * rng.uniform(1.0, 1.1), rng.uniform(0.18, 0.21)
    radius = 0.1 * look.thick**0.5 * rng.uniform(0.95, 1.15) * length**0.5
    deck, front = radius + 0.09, -length / 2
    cab, tall = rng.uniform(0.26, 0.31), 0.36 * look.height * rng.uniform(0.92, 1.1)
    nose = rng.choice([0.03, 0.11])
    low, high, top = deck - 0.02 + 0.5 * tall, deck - 0.02 + 0.87 * tall, deck - 0.02 + tall
    screen = _line(low, front + nose, top, front + nose + 0.05)
    outline = ((front, radius), (front + cab, radius), (front + cab, top), (screen(top), top),
               (screen(low), low), (front, low - 0.02))
    parts = [Part(Box((length / 2 - 0.01, 0.75 * half, 0.06)), "main", (0.0, 0, deck - 0.05)),
             Part(Extrusion(outline, half), "cabin"),
             _side(screen, lambda z: screen(z) + 0.07, low, high, half - 0.04, "windows", 0.018),
             _side(lambda z: screen(z) + 0.05, lambda z: front + cab - 0.05, low, high, half + 0.016, "windows")]
    parts += _cargo(rng, look, front + cab + 0.03, length / 2, half + rng.uniform(0.0, 0.03), deck - 0.01)
    rear = (0.3,) if rng.random() < 0.45 else (0.13, 0.36)
    return parts + _wheels((front + cab / 2, *(x * length for x in rear)), radius, half - 0.01, 0.1 * look.thick)


def bus(rng, look):
    """A bus: one deck, two decks, or a school bus with a bonnet."""
    kind = rng.choice(3, p=(0.45, 0.3, 0.25))
    length, half = look.width * rng.uniform(1.0, 1.1), rng.uniform(0.15, 0.18)
    tall = (0.33, 0.5, 0.33)[kind] * look.height * rng.uniform(0.93, 1.1)
    radius = 0.09 * look.thick**0.5 * rng.uniform(0.95, 1.15) * length**0.5
    start = -length / 2 + (rng.uniform(0.15, 0.2) if kind == 2 else 0)
    low, end = 0.7 * radius, length / 2
    middle, reach = (start + end) / 2, (end - start) / 2
    parts = [Part(Box((reach, half, tall / 2), 0.025), "main", (middle, 0, low + tall / 2)),
             Part(Box((reach - 0.015, half - 0.015, 0.04), 0.02), "roof", (middle, 0, low + tall))]
    if kind == 2:
        parts.append(Part(Box((0.14, half - 0.02, 0.27 * tall), 0.03), "main", (start + 0.13 - 0.18, 0, low + 0.27 * tall)))
    rows = (0.38, 0.76) if kind == 1 else (0.64,)
    window = 0.11 * tall if kind == 1 else 0.19 * tall
    count = max(3, round((end - start) / rng.uniform(0.19, 0.25)))
    pitch = (end - start - 0.1) / count
    for z in (low + share * tall for share in rows):
        parts.append(Part(Box((0.05, half - 0.045, window)), "windows", (start + 0.032, 0, z)))
        for i in range(count):
            x = start + 0.07 + pitch * (i + 0.5)
            parts.append(Part(Box((0.36 * pitch, half + 0.016, window)), "windows", (x, 0, z)))
    parts += _wheels((-0.28 * length, 0.29 * length), radius, half - 0.01, 0.09 * look.thick)
    nose = start - 0.16 if kind == 2 else start
    return parts + _lights(nose, 0.6 * half, low + 0.085, 0.042)


def _boiler(rng, radius, start, end, z):
    """A lying boiler with its chimney and dome."""
    across = turned("y", 90)
    parts = [Part(cylinder(radius, (end - start) / 2 + 0.02), "main", ((start + end) / 2, 0, z), across),
             Part(cylinder(radius + 0.018, 0.045), "main", (start + 0.05, 0, z), across),
             Part(cylinder(0.45 * radius, 0.05), "chimney", (start - 0.02, 0, z), across)]
    stem, lip, tall = rng.uniform(0.05, 0.06), rng.uniform(0.065, 0.1), rng.uniform(0.16, 0.24)
    profile = ((0, -0.04), (stem, -0.04), (stem, 0.45 * tall), (lip, tall - 0.05), (lip, tall), (0, tall))
    parts.append(Part(Lathe(profile), "chimney", (start + 0.09, 0, z + radius)))
    dome = start + 0.62 * (end - start)
    parts.append(Part(Capsule((0, 0, -0.05), (0, 0, 0.03), 0.065), "main", (dome, 0, z + radius)))
    return parts


def train(rng, look):
    """A toy steam locomotive: boiler, chimney, cab and big wheels, with a flat or a round cab roof."""
    length, half = look.width * rng.uniform(0.95, 1.05), rng.uniform(0.17, 0.2)
    radius = 0.1 * look.thick**0.5 * rng.uniform(0.95, 1.1)
    boiler, frame = rng.uniform(0.14, 0.165) * look.height**0.5, radius + 0.03
    front, cab = -length / 2 + 0.07, length / 2 - rng.uniform(0.3, 0.36)
    tall, middle = 0.47 * look.height * rng.uniform(0.95, 1.1), (cab + length / 2) / 2
    reach, top = length / 2 - middle, frame + tall
    parts = [Part(Box((length / 2 - 0.05, half, 0.055), 0.01), "main", (0.03, 0, frame + 0.03)),
             Part(Box((reach - 0.02, half, tall / 2)), "main", (middle, 0, frame + tall / 2)),
             Part(Box((0.55 * reach, half + 0.016, 0.15 * tall)), "windows", (middle, 0, top - 0.25 * tall))]
    parts += _boiler(rng, boiler, front, cab, frame + 0.06 + boiler)
    wedge = ((-length / 2 - 0.03, 0.03), (front + 0.1, 0.03), (front + 0.1, frame + 0.06), (front - 0.02, frame + 0.06))
    parts.append(Part(Extrusion(wedge, 0.8 * half), "main"))
    if rng.random() < 0.5:
        parts.append(Part(Box((reach + 0.03, half + 0.04, 0.04), 0.01), "roof", (middle, 0, top + 0.02)))
    else:
        turn = np.linspace(0, np.pi, 9)
        arc = tuple(zip((half + 0.035) * np.cos(turn), 0.04 + 0.09 * np.sin(turn), strict=True))
        arc = ((half + 0.035, -0.035), *arc, (-half - 0.035, -0.035))
        parts.append(Part(Extrusion(arc, reach + 0.03), "roof", (middle, 0, top), turned("z", 90)))
    big = radius * rng.uniform(1.0, 1.35)
    parts += _wheels((middle,), big, half + 0.01, 0.09 * look.thick)
    return parts + _wheels((-0.27 * length, 0.02), radius, half + 0.01, 0.09 * look.thick)


def _rocket_radius(rng, belly, tall):
    """The body's radius over its height: a bulging cigar or a straight tube with a pointed or round nose."""
    if rng.random() < 0.55:
        foot, bulge = rng.uniform(0.6, 0.75), rng.uniform(0.3, 0.42)
        below = lambda t: foot + (1 - foot) * np.sin(np.pi / 2 * t / bulge)  # noqa: E731
        above = lambda t: np.cos(np.pi / 2 * (t - bulge) / (1 - bulge)) ** 0.8  # noqa: E731
        return lambda z: belly * (below(z / tall) if z / tall < bulge else above(min(z / tall, 1.0)))
    start, power = rng.uniform(0.62, 0.7), rng.choice([1.0, 0.6])
    return lambda z: belly * min(1.0, max((1 - z / tall) / (1 - start), 0.0) ** power)


def rocket(rng, look):
    """A standing rocket: cigar or tube, three or four fins, a nose, portholes, perhaps side boosters."""
    tall, belly = 0.9 * look.height, rng.uniform(0.15, 0.19) * look.width
    foot, radius = 0.12, _rocket_radius(rng, belly, tall)
    split, thin = tall * rng.uniform(0.68, 0.74), max(0.07 * look.height, 0.08 * look.thick) / 2
    body = [(0, 0), *((radius(z), z) for z in np.linspace(0, split, 10)), (0.9 * radius(split), split + 0.02), (0, split + 0.02)]
    nose = [(0, split), *((radius(z) + 0.004, z) for z in split + (tall - split) * np.linspace(0, 0.94, 7)), (0, tall)]
    parts = [Part(Lathe(tuple(body)), "main", (0, 0, foot)), Part(Lathe(tuple(nose)), "nose", (0, 0, foot)),
             Part(cylinder(0.62 * radius(0), 0.05, 0.5 * radius(0)), "engine", (0, 0, foot - 0.035))]
    reach, rise = belly + rng.uniform(0.12, 0.18), rng.uniform(0.28, 0.4) * look.height
    inner, drop = 0.5 * radius(0), rng.uniform(0.0, 0.12)
    fin = ((inner, foot + 0.03), (inner, foot + rise), (radius(0.6 * rise), foot + rise), (reach, foot + 0.35 * rise),
           (reach, drop), (reach - 0.08, drop))
    count, start = (4, 45) if rng.random() < 0.5 else (3, 90)
    parts += [Part(Extrusion(fin, thin), "fins", turn=turned("z", start + i * 360 / count)) for i in range(count)]
    for share in ((0.56,), (0.62, 0.4))[int(rng.random() < 0.4)]:
        z = share * tall
        pane = min(0.45 * belly, 0.1) if share > 0.5 else 0.055
        parts.append(Part(cylinder(pane, 0.06), "window", (0, 0.03 - radius(z), foot + z), turned("x", 90)))
    return parts


def _hull_outline(length, half, stern, sharp):
    """A boat seen from above, bow at -x."""
    along = np.linspace(0, 1, 11)
    side = np.where(along < 0.55, 1 - np.abs(1 - along / 0.55) ** sharp, 1 - (1 - stern) * ((along - 0.55) / 0.45) ** 2)
    upper = [(length * (t - 0.5), half * s) for t, s in zip(along, side, strict=True)]
    return tuple(upper + [(x, -y) for x, y in upper[:0:-1]])


def _hull(rng, length, half, depth):
    """A hull in widening layers, with a raised bow, and the deck inside its rim."""
    stern, sharp = rng.uniform(0.6, 0.85), rng.uniform(1.6, 2.2)
    parts, layers = [], 3
    for i in range(layers):
        size = 0.8 + 0.2 * i / (layers - 1)
        outline = _hull_outline(length * (0.5 + size / 2), half * size, stern, sharp)
        parts.append(_plate(outline, depth / layers / 2 + 0.008, "main", (0.04 * (1 - i / 2), 0, depth * (i + 0.5) / layers)))
    deck = _hull_outline(0.86 * length, 0.76 * half, stern, sharp)
    return [*parts, _plate(deck, 0.045, "deck", (0.01, 0, depth - 0.015))]


def _rig(rng, look, length, depth):
    """A mast with a mainsail, perhaps a foresail."""
    tall, thin = 0.78 * look.height * rng.uniform(0.92, 1.08), 0.04 * max(look.thick, look.height, 0.9)
    mast, low = rng.uniform(-0.12, -0.02) * length, depth + 0.1
    boom, top = 0.4 * length * rng.uniform(0.9, 1.08), depth + tall - 0.04
    parts = [Part(cylinder(0.9 * thin, tall / 2 + 0.03), "mast", (mast, 0, depth + tall / 2 - 0.03)),
             Part(Extrusion(((mast, low), (mast + boom, low), (mast + 0.06, top), (mast, top)), thin), "sail")]
    if rng.random() < 0.6:
        fore, peak = -0.46 * length, depth + 0.72 * tall
        jib = ((mast - 0.02, low), (fore + 0.04, low), (mast - 0.02, peak), (mast + 0.01, peak), (mast + 0.01, low))
        parts.append(Part(Extrusion(jib, thin), "sail"))
    return parts


def _wheelhouse(rng, look, length, half, depth):
    """A wheelhouse with windows and a roof, and a funnel or a mast behind it."""
    tall, reach, wide = 0.26 * look.height * rng.uniform(0.9, 1.15), rng.uniform(0.14, 0.19) * length, 0.58 * half
    x = rng.uniform(-0.08, 0.06) * length
    parts = [Part(Box((reach, wide, tall / 2 + 0.02)), "deck", (x, 0, depth + tall / 2)),
             Part(Box((reach + 0.035, wide + 0.035, 0.038), 0.01), "main", (x, 0, depth + tall + 0.03)),
             Part(Box((0.05, wide - 0.04, 0.22 * tall)), "windows", (x - reach + 0.033, 0, depth + 0.66 * tall))]
    for shift in (-0.46 * reach, 0.46 * reach):
        parts.append(Part(Box((0.3 * reach, wide + 0.016, 0.22 * tall)), "windows", (x + shift, 0, depth + 0.66 * tall)))
    if rng.random() < 0.5:
        parts.append(Part(cylinder(0.07 * look.thick, 0.14), "main", (x + 0.4 * reach, 0, depth + tall + 0.14)))
    else:
        parts.append(Part(cylinder(0.04 * max(look.thick, 1), 0.16), "mast", (x, 0, depth + tall + 0.17)))
    return parts


def boat(rng, look):
    """A boat: a sailing boat with one or two sails, or a motor boat with a wheelhouse."""
    length, half = look.width * rng.uniform(0.95, 1.05), rng.uniform(0.19, 0.23)
    depth = rng.uniform(0.2, 0.25) * look.height**0.5
    parts = _hull(rng, length, half, depth)
    if rng.random() < 0.6:
        return parts + _rig(rng, look, length, depth)
    bow = _hull_outline(0.55 * length, 0.7 * half, 0.95, 1.8)
    return [*parts, *_wheelhouse(rng, look, length, half, depth), _plate(bow, 0.05, "main", (-0.225 * length, 0, depth + 0.02))]


def _wing_outline(root, tip, span, sweep):
    """A pair of wings seen from above, leading edge towards -x; `root` and `tip` are chords."""
    return ((-root / 2, 0), (sweep - tip / 2, span), (sweep + tip / 2, span), (root / 2, 0),
            (sweep + tip / 2, -span), (sweep - tip / 2, -span))


def _propeller(rng, x, z, look):
    reach, turn = rng.uniform(0.17, 0.2), rng.uniform(0, 90)
    blades = [Part(Box((0.035, 0.045 * look.thick**0.5, reach)), "nose", (x, 0, z), turned("x", turn + extra)) for extra in (0, 90)]
    return [*blades[: rng.integers(1, 3)], Part(Ellipsoid((0.09, 0.065, 0.065)), "nose", (x - 0.02, 0, z))]


def plane(rng, look):
    """An aeroplane: a jet with engines below its swept wings, or a propeller plane with straight wings."""
    jet, length, half = rng.random() < 0.5, rng.uniform(0.98, 1.05), rng.uniform(0.1, 0.125) * look.height**0.5
    span, thin = 0.48 * look.width * rng.uniform(0.93, 1.08), 0.037 * max(look.thick, look.width)
    z, front = (0.23 if jet else 0.2) * look.height**0.5, -length / 2
    shares = (0, 0.03, 0.08, 0.16, 0.26, 0.6, 0.75, 0.88, 1.0)
    radii = (0.3 if jet else 0.75, 0.55 if jet else 0.9, 0.78 if jet else 0.97, 0.95, 1, 1, 0.88, 0.64, 0.4)
    curve = [(half * r, front + length * s) for r, s in zip(radii, shares, strict=True)]
    along = turned("y", 90)
    parts = [Part(Lathe(((0, front), *curve, (0, length / 2))), "main", (0, 0, z), along)]
    sweep, root = (0.16, 0.26) if jet else (0.02, 0.23)
    parts.append(_plate(_wing_outline(root, rng.uniform(0.11, 0.2), span, sweep * rng.uniform(0.8, 1.2)), thin, "wings",
                        (-0.04, 0, z + (-0.04 if jet else rng.choice([-0.05, half - 0.01])))))
    tail, rise = length / 2 - 0.02, rng.uniform(0.2, 0.27) * look.height
    parts.append(_plate(_wing_outline(0.16, 0.1, 0.42 * span, 0.5 * sweep), thin, "tail", (tail - 0.09, 0, z + 0.02)))
    fin = ((tail - 0.22, z), (tail, z), (tail + 0.04, z + rise), (tail - 0.09, z + rise))
    parts.append(Part(Extrusion(fin, thin), "tail"))
    if jet:
        cap = [(r + 0.005, x) for r, x in curve[:3]]
        parts.append(Part(Lathe(((0, front - 0.025), *cap, (0, cap[-1][1]))), "nose", (0, 0, z), along))
        parts += [Part(cylinder(0.055 * look.thick**0.5, 0.09), "main", (0.0, y, z - 0.1), along) for y in (-0.5 * span, 0.5 * span)]
    else:
        parts += _propeller(rng, front - 0.01, z, look)
    cockpit = front + (0.2 if jet else 0.36) * length
    parts.append(Part(Ellipsoid((0.11, 0.65 * half, 0.07)), "windows", (cockpit, 0, z + 0.8 * half)))
    return parts


VEHICLES = (
    Category("car", car, ("automobile", "auto"), {
        "wheels": (("wheels", "tyres", "tires"), ("black",)), "windows": (("windows",), GLASS),
        "roof": (("roof",), None), "lights": (("lights", "headlights"), ("yellow",))}),
    Category("truck", truck, ("lorry",), {
        "wheels": (("wheels", "tyres", "tires"), ("black",)), "cargo": (("cargo", "bed", "container"), None),
        "cabin": (("cabin", "cab"), None), "windows": (("windows",), GLASS)}),
    Category("bus", bus, ("coach",), {
        "wheels": (("wheels", "tyres", "tires"), ("black",)), "windows": (("windows",), GLASS),
        "roof": (("roof",), None), "lights": (("lights", "headlights"), ("yellow",))}),
    Category("train", train, ("locomotive", "steam engine", "steam train"), {
        "wheels": (("wheels",), ("black", "red")), "chimney": (("chimney", "funnel"), ("black", "gray")),
        "roof": (("roof",), ("black", "gray", "red")), "windows": (("windows",), ("cyan", "yellow"))}),
    Category("rocket", rocket, ("spaceship", "rocket ship", "spacecraft"), {
        "fins": (("fins", "wings"), ("red", "orange", "blue")), "nose": (("nose", "tip", "nose cone"), ("red", "orange", "blue")),
        "window": (("window", "porthole"), ("cyan", "blue")), "engine": (("engine", "thruster"), ("gray", "black"))}),
    Category("boat", boat, ("ship",), {
        "sail": (("sail", "sails"), ("white",)), "mast": (("mast",), ("brown",)),
        "deck": (("deck", "cabin"), ("brown", "white")), "windows": (("windows",), ("cyan", "black"))}),
    Category("plane", plane, ("airplane", "aeroplane", "aircraft"), {
        "wings": (("wings",), None), "tail": (("tail",), None),
        "nose": (("nose", "propeller"), ("red", "yellow", "gray")), "windows": (("windows", "cockpit"), GLASS)}),
)
