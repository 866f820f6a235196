# SPDX-License-Identifier: GPL-3.0-or-later
"""How a job's recording is laid out in the viewer: the object large, words and curves in a column beside it."""

from collections.abc import Sequence
from dataclasses import replace

import rerun as rr
import rerun.blueprint as rrb

from ...protocol.comparison import counterpart
from ...protocol.request import Request

APPLICATION_ID = "blender_text3d"
EYE_IN_MODEL = (1.35, -2.7, 1.1)
EYE_BEHIND_CAMERAS_IN_MODEL = (3.1, -7.4, 4.6)
GROUND_Z_IN_MODEL = -1.0
BACKGROUND = (58, 62, 70)
LOG_COLUMNS = [
    rrb.encodings.TextLogColumn(rrb.encodings.TextLogColumnKind.LogLevel),
    rrb.encodings.TextLogColumn(rrb.encodings.TextLogColumnKind.Body),
]
LINES = {
    "step_time_s": ("seconds per step", (255, 170, 70)),
    "sigma": ("noise level (sigma)", (110, 180, 255)),
}


def root_of(request: Request) -> str:
    """Under which entity a job stands: "job", or in a comparison the model's name."""
    return request.model.replace("/", "-") if request.comparison else "job"


def roots_of(request: Request) -> list[str]:
    """The entities of all jobs that share the recording."""
    if not request.comparison:
        return [root_of(request)]
    return [root_of(replace(request, model=model)) for model in counterpart(request.model)]


def blueprint(roots: Sequence[str] = ("job",)) -> rrb.Blueprint:
    """The same layout for every job, so that a viewer that stays open keeps what its user moved.

    Args:
        roots: the entities of jobs that stand side by side.
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
    """The object upright on its ground, seen from the front right."""
    return _space("Object", root, ("forming", "result"), EYE_IN_MODEL)


def cameras_view(root: str) -> rrb.Spatial3DView:
    """The object among the cameras that took its views, where there are any, from behind those in front."""
    return _space("Views", root, ("result", "views"), EYE_BEHIND_CAMERAS_IN_MODEL)


def _space(name: str, root: str, shown: Sequence[str], eye_in_model: tuple[float, float, float]) -> rrb.Spatial3DView:
    return rrb.Spatial3DView(
        name=name if root == "job" else root,
        origin=root,
        contents=[f"{root}/{entity}/**" for entity in shown],
        background=BACKGROUND,
        line_grid=rrb.LineGrid3D(plane=rr.components.Plane3D.XY.with_distance(GROUND_Z_IN_MODEL)),
        eye_controls=rrb.EyeControls3D(
            kind=rrb.Eye3DKind.Orbital, position=eye_in_model, look_target=(0.0, 0.0, 0.0), eye_up=(0.0, 0.0, 1.0)
        ),
    )


def side_column(roots: Sequence[str]) -> rrb.Vertical:
    """Prompts, curves, log."""
    prompts = [rrb.TextDocumentView(name="Prompt", origin=f"{root}/prompt") for root in roots]
    logs = rrb.TextLogColumns(text_log_columns=LOG_COLUMNS)
    return rrb.Vertical(
        rrb.Tabs(*prompts) if len(prompts) > 1 else prompts[0],
        *(curve(name, label, roots) for name, (label, _) in LINES.items()),
        rrb.TextLogView(name="Log", origin="/", contents=[f"{root}/log" for root in roots], columns=logs),
        row_shares=[3, 2, 2, 3],
    )


def curve(name: str, label: str, roots: Sequence[str]) -> rrb.TimeSeriesView:
    """One number of every job over time."""
    entities = [f"{root}/curves/{name}" for root in roots]
    legend = rrb.PlotLegend(visible=len(roots) > 1)
    return rrb.TimeSeriesView(name=label, origin="/", contents=entities, plot_legend=legend)


def line_style(name: str) -> rr.SeriesLines:
    """Colour and name of one curve."""
    label, color = LINES[name]
    return rr.SeriesLines(names=label, colors=color, widths=2.0)
