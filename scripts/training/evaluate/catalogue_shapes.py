# SPDX-License-Identifier: GPL-3.0-or-later
"""Check random shapes of the catalog before anything is trained on them.

Run as `python -m scripts.training.evaluate.catalogue_shapes --each 200 cat rabbit`; all kinds without names.

Per kind it prints the shapes that are not one solid, do not fill the cube or have values that are not finite, the
share of their surface where they are thinner than `THINNEST_CELLS`, and that of each part that a caption may name.
"""

import argparse
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import label

from ..data.captions import SIZE_RANGES, describe, proportions_of, role_colors, role_words
from ..data.catalogue import CATEGORIES
from ..data.colors import COLORS
from ..data.point_sampling import HALF_SIDE, Solid

SIDE = 36
LATTICE = np.stack(np.meshgrid(*[np.linspace(-1, 1, SIDE)] * 3, indexing="ij"), -1).reshape(-1, 3)
GAP = 0.02
"""Distance that still joins two parts; the lattice is coarser than the fields of the models."""
THINNEST_CELLS = 1.5
"""Least thickness in cells of a field of 64 points a side."""


@dataclass(frozen=True)
class ShapeReport:
    """Measures of one shape.

    Attributes:
        pieces: number of separate solids.
        cavities: number of hollows without a way out, whose surfaces would be pieces of a mesh.
        is_finite: True if all distances are.
        longest: longest side of the bounds over that intended.
        thin: share 0..1 of the surface below which the solid is thinner than `THINNEST_CELLS`.
        shares: role -> share of the surface.
    """

    pieces: int
    cavities: int
    is_finite: bool
    longest: float
    thin: float
    shares: dict[str, float]

    @property
    def is_good(self):
        """True if the shape can be learned: one solid without cavities that fills the cube."""
        return self.pieces == 1 and self.cavities == 0 and self.is_finite and abs(self.longest - 1) < 0.06


def report_of(solid, rng, count=1500):
    """Measure a `Solid`."""
    distances = solid.distances(LATTICE).min(0)
    inside = (distances < GAP).reshape(SIDE, SIDE, SIDE)
    points, owners = solid.surface(count, rng)
    roles = [part.role for part in solid.parts]
    found = np.bincount(owners, minlength=len(roles)) / count
    shares = {role: sum(found[i] for i, other in enumerate(roles) if other == role) for role in set(roles)}
    return ShapeReport(
        label(inside, np.ones((3, 3, 3)))[1],
        cavities_of((distances > 0).reshape(SIDE, SIDE, SIDE)),
        bool(np.isfinite(distances).all()),
        float(np.ptp(points, axis=0).max()) / (2 * HALF_SIDE),
        thin_share(solid, points[:400]),
        shares,
    )


def cavities_of(outside, least=4):
    """Count the hollows of at least some lattice points in (S, S, S) bool."""
    sizes = np.bincount(label(outside)[0].ravel())[1:]
    return int((sizes >= least).sum()) - 1


def thin_share(solid, points):
    """Return the share of surface points (N, 3) below which the solid ends within `THINNEST_CELLS`."""
    step, near = 1e-3, solid.distances(points).min(0)
    normal = np.stack([solid.distances(points + step * axis).min(0) - near for axis in np.eye(3)], axis=1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    return float((solid.distances(points - THINNEST_CELLS * 2 / 64 * normal).min(0) > 0).mean())


def random_solid(category, seed):
    """Return (solid, rng) of a random shape in a random size."""
    rng = np.random.default_rng([seed, *category.name.encode()])
    size = str(rng.choice(["", "", *SIZE_RANGES]))
    description = describe(category, str(rng.choice(list(COLORS))), rng)
    colors = role_colors(role_words(description, rng), rng)
    return Solid(category.build(rng, proportions_of(size, rng)), colors, rng), rng


def summary(category, each):
    """Return a line about some random shapes of a kind."""
    reports = [report_of(*random_solid(category, seed)) for seed in range(each)]
    bad = [seed for seed, report in enumerate(reports) if not report.is_good]
    thin = np.array([report.thin for report in reports])
    least = {}
    for role in sorted({role for report in reports for role in report.shares} - {"main"}):
        least[role] = round(100 * float(np.median([r.shares[role] for r in reports if role in r.shares])), 1)
    never = sorted(set(category.accents) - set(least))
    thinness = f"thin {100 * thin.mean():.0f} % (most {100 * thin.max():.0f} %)"
    return f"{category.name}: {len(bad)} of {each} bad {bad[:6]}, {thinness}, parts % {least}, never {never}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*")
    parser.add_argument("--each", type=int, default=200)
    arguments = parser.parse_args()
    for one in CATEGORIES:
        if not arguments.kinds or one.name in arguments.kinds:
            print(summary(one, arguments.each), flush=True)
