# SPDX-License-Identifier: GPL-3.0-or-later
"""Classification of generated meshes by the independent classifier, and the figures of many."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.spatial import cKDTree

from ..data.catalogue import CATEGORIES, ROLES
from ..data.colors import COLORS
from .classifier import POINTS, normalize_bounds

COMPARED_POINTS = 512
"""Points of each of two clouds whose distance is measured: it depends on their number."""


@dataclass(frozen=True)
class Classification:
    """Classification of one generated mesh; `part_right` is None if the prompt names no part."""

    prompt: str
    seed: int
    held_out: bool
    category_right: bool
    color_right: bool
    part_right: bool | None
    seen_as: str
    components: int
    watertight: bool


def surface_points(vertices, faces, colors, count, random):
    """Sample (points (count, 3), colors (count, 3)) uniformly from the surface of a mesh."""
    corners = vertices[faces]
    areas = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).norm(dim=1)
    picked = faces[torch.multinomial(areas, count, replacement=True, generator=random)]
    weights = torch.distributions.Dirichlet(torch.ones(3)).sample((count,))
    return (vertices[picked] * weights[..., None]).sum(1), (colors[picked] * weights[..., None]).sum(1)


@torch.inference_mode()
def classify_mesh(classifier, task, seed, mesh):
    """Return (Classification, centered points (COMPARED_POINTS, 3)) of one mesh."""
    vertices, faces, colors, report = mesh
    asked = {"prompt": task.prompt, "seed": seed, "held_out": task.held_out}
    if not len(faces):
        nothing = {"category_right": False, "color_right": False, "part_right": False if task.part else None}
        return Classification(**asked, **nothing, seen_as="nothing", components=0, watertight=False), None
    points, rgb = surface_points(vertices, faces, colors, POINTS, torch.Generator().manual_seed(seed))
    points = normalize_bounds(points)
    category, color, parts = (logits[0].argmax(-1) for logits in classifier(points[None], rgb[None]))
    name, shade = CATEGORIES[int(category)].name, list(COLORS)[int(color)]
    part_shade = list(COLORS)[int(parts[ROLES.index(task.role)])] if task.part else None
    classification = Classification(
        **asked,
        category_right=name == task.category,
        color_right=shade == task.color,
        part_right=part_shade == task.part_color if task.part else None,
        seen_as=f"{shade} {name}" + (f" with {part_shade} {task.part}" if task.part else ""),
        components=report.components,
        watertight=report.watertight,
    )
    return classification, points[:COMPARED_POINTS].numpy()


def chamfer(a, b):
    """Return the symmetric mean distance to the nearest point of two clouds in model space."""
    return (cKDTree(a).query(b)[0].mean() + cKDTree(b).query(a)[0].mean()) / 2


def mean_difference(clouds):
    """Return the mean Chamfer distance over all pairs of clouds."""
    clouds = [cloud for cloud in clouds if cloud is not None]
    distances = [chamfer(a, b) for index, a in enumerate(clouds) for b in clouds[index + 1 :]]
    return float(np.mean(distances)) if distances else float("nan")


def share(flags):
    """Return the share of true flags."""
    return round(float(np.mean(list(flags))), 4)


def summary_of(classifications, differences):
    """Return the figures of the report."""
    plain, unseen = [v for v in classifications if v.part_right is None], [v for v in classifications if v.held_out]
    parts = [v for v in classifications if v.part_right is not None]
    return {
        "prompts": len({v.prompt for v in plain}),
        "unseen_prompts": len({v.prompt for v in unseen}),
        "samples": len(plain),
        "category": share(v.category_right for v in plain),
        "color": share(v.color_right for v in plain),
        "both": share(v.category_right and v.color_right for v in plain),
        "both_unseen": share(v.category_right and v.color_right for v in unseen),
        "one_watertight_component": share(v.components == 1 and v.watertight for v in plain),
        "watertight": share(v.watertight for v in plain),
        "seed_difference": round(float(np.nanmean(differences)), 4),
        "part_prompts": len({v.prompt for v in parts}),
        "part_color": share(v.part_right for v in parts),
        "part_category": share(v.category_right for v in parts),
        "part_main_color": share(v.color_right for v in parts),
    }


def is_flawless(classification):
    """True if every check of a sample passes."""
    named = classification.category_right and classification.color_right and classification.part_right is not False
    return named and classification.components == 1 and classification.watertight
