# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout of a recording of three steps: prompt to view to object from left to right, a row per compared model."""

from dataclasses import replace

import rerun.blueprint as rrb

from ...protocol.comparison import counterpart
from ...protocol.models import MODELS, family
from ...protocol.request import Request
from .blueprint import blueprint, object_view, root_of, roots_of, side_column, spatial_view

PICTURES = (("View", "view/forming"), ("Candidates", "view/candidates"), ("Seen by the Model", "input_image"))
POINTS = (("Coarse Points", "points/coarse"), ("Fine Points", "points/fine"))
POINTS_EYE_IN_MODEL = (1.5, -3.0, 1.2)


def layout_of(request: Request) -> rrb.Blueprint:
    """Return the layout of a job's recording, which it shares with the jobs that it is compared with."""
    if not MODELS[request.model].image_model:
        return blueprint(roots_of(request))
    models = counterpart(request.model) if request.comparison else (request.model,)
    rows = [chain_row(root_of(replace(request, model=model)), model) for model in models]
    return rrb.Blueprint(
        rrb.Vertical(*rows, side_column(roots_of(request), is_row=True), row_shares=[*([5] * len(rows)), 3]),
        rrb.TimePanel(state="collapsed", timeline="step"),
        rrb.BlueprintPanel(state="collapsed"),
        rrb.SelectionPanel(state="collapsed"),
    )


def chain_row(root: str, model: str) -> rrb.Horizontal:
    """Return the views of one job's steps in their order."""
    pictures = [rrb.Spatial2DView(name=name, origin=f"{root}/{entity}") for name, entity in PICTURES]
    if family(model) == "Point-E":
        forming = [points_view(name, root, entity) for name, entity in POINTS]
    else:
        forming = [points_view("Forming", root, "formed")]
    distances = rrb.Spatial2DView(name="Distances", origin=f"{root}/distances")
    shares = [*([2] * len(pictures)), *([2] * len(forming)), 2, 3]
    return rrb.Horizontal(*pictures, *forming, distances, object_view(root), name=model, column_shares=shares)


def points_view(name: str, root: str, entity: str) -> rrb.Spatial3DView:
    """Return a view of what is there between the image and the object."""
    return spatial_view(name, root, (entity,), POINTS_EYE_IN_MODEL)
