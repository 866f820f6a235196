# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout of a recording in the viewer: a large 3D view, and a column with the prompt, curves and log."""

from collections.abc import Sequence
from dataclasses import replace

import rerun as rr
import rerun.blueprint as rrb

from ...protocol.comparison import counterpart
from ...protocol.request import Request

APPLICATION_ID = "blender_text3d"
EYE_IN_MODEL = (1.35, -2.7, 1.1)
CAMERAS_EYE_IN_MODEL = (3.1, -7.4, 4.6)
GROUND_Z_IN_MODEL = -1.0
BACKGROUND = (58, 62, 70)
LOG_COLUMNS = [
    rrb.encodings.TextLogColumn(rrb.encodings.TextLogColumnKind.LogLevel),
    rrb.encodings.TextLogColumn(rrb.encodings.TextLogColumnKind.Body),
]
CURVES = {
    "step_time_s": ("seconds per step", (255, 170, 70)),
    "sigma": ("noise level (sigma)", (110, 180, 255)),
}


def root_of(request: Request) -> str:
    """Return the root entity of a job: "job", or the name of its model in a comparison."""
    return request.model.replace("/", "-") if request.comparison else "job"


def roots_of(request: Request) -> list[str]:
    """Return the root entities of all jobs that share a recording."""
    if not request.comparison:
        return [root_of(request)]
    return [root_of(replace(request, model=model)) for model in counterpart(request.model)]


def blueprint(roots: Sequence[str] = ("job",)) -> rrb.Blueprint:
    """Return the layout, which is the same for every job so that an open viewer keeps its user's changes.

    Args:
        roots: The root entities of jobs to show side by side.
    """
    objects = rrb.Horizontal(*(object_view(root) for root in roots), name="Objects")
    cameras = rrb.Horizontal(*(cameras_view(root) for root in roots), name="Views")
    return rrb.Blueprint(
        rrb.Horizontal(rrb.Tabs(objects, cameras), side_column(roots), column_shares=[5, 2]),
        rrb.TimePanel(state="collapsed", timeline="step"),
        rrb.BlueprintPanel(state="collapsed"),
        rrb.SelectionPanel(state="collapsed"),
    )


def object_view(root: str) -> rrb.Spatial3DView:
    """Return the view of the object on a ground grid, seen from the front right."""
    return spatial_view("Object" if root == "job" else root, root, ("forming", "result"), EYE_IN_MODEL)


def cameras_view(root: str) -> rrb.Spatial3DView:
    """Return the view of the object with the cameras of its views, seen from behind the front cameras."""
    return spatial_view("Views" if root == "job" else root, root, ("result", "views"), CAMERAS_EYE_IN_MODEL)


def spatial_view(
    name: str, root: str, shown: Sequence[str], eye_in_model: tuple[float, float, float]
) -> rrb.Spatial3DView:
    """Return a view of some entities on a ground grid."""
    return rrb.Spatial3DView(
        name=name,
        origin=root,
        contents=[f"{root}/{entity}/**" for entity in shown],
        background=BACKGROUND,
        line_grid=rrb.LineGrid3D(plane=rr.components.Plane3D.XY.with_distance(GROUND_Z_IN_MODEL)),
        eye_controls=rrb.EyeControls3D(
            kind=rrb.Eye3DKind.Orbital, position=eye_in_model, look_target=(0.0, 0.0, 0.0), eye_up=(0.0, 0.0, 1.0)
        ),
    )


def side_column(roots: Sequence[str], *, is_row: bool = False) -> rrb.Vertical | rrb.Horizontal:
    """Return the column, or a row, with prompts, curves and log."""
    prompts = [rrb.TextDocumentView(name="Prompt", origin=f"{root}/prompt") for root in roots]
    logs = rrb.TextLogColumns(text_log_columns=LOG_COLUMNS)
    parts = (
        rrb.Tabs(*prompts) if len(prompts) > 1 else prompts[0],
        *(curve_view(name, label, roots) for name, (label, _) in CURVES.items()),
        rrb.TextLogView(name="Log", origin="/", contents=[f"{root}/log" for root in roots], columns=logs),
    )
    shares = [3, 2, 2, 3]
    return rrb.Horizontal(*parts, column_shares=shares) if is_row else rrb.Vertical(*parts, row_shares=shares)


def curve_view(name: str, label: str, roots: Sequence[str]) -> rrb.TimeSeriesView:
    """Return the plot of one value of every job over time."""
    entities = [f"{root}/curves/{name}" for root in roots]
    legend = rrb.PlotLegend(visible=len(roots) > 1)
    return rrb.TimeSeriesView(name=label, origin="/", contents=entities, plot_legend=legend)


def line_style(name: str) -> rr.SeriesLines:
    """Return the color and label of one curve."""
    label, color = CURVES[name]
    return rr.SeriesLines(names=label, colors=color, widths=2.0)
