# SPDX-License-Identifier: GPL-3.0-or-later
"""How a job's recording is laid out in the viewer: the object large, words and curves in a column beside it."""

import rerun as rr
import rerun.blueprint as rrb

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


def blueprint() -> rrb.Blueprint:
    """The same layout for every job, so that a viewer that stays open keeps what its user moved."""
    return rrb.Blueprint(
        rrb.Horizontal(rrb.Tabs(object_view(), cameras_view()), side_column(), column_shares=[5, 2]),
        rrb.TimePanel(state="collapsed", timeline="step"),
        rrb.BlueprintPanel(state="collapsed"),
        rrb.SelectionPanel(state="collapsed"),
    )


def object_view() -> rrb.Spatial3DView:
    """The object upright on its ground, seen from the front right."""
    return _space("Object", ["job/forming/**", "job/result/**"], EYE_IN_MODEL)


def cameras_view() -> rrb.Spatial3DView:
    """The object among the cameras that took its views, where there are any, from behind those in front."""
    return _space("Views", ["job/result/**", "job/views/**"], EYE_BEHIND_CAMERAS_IN_MODEL)


def _space(name: str, contents: list[str], eye_in_model: tuple[float, float, float]) -> rrb.Spatial3DView:
    return rrb.Spatial3DView(
        name=name,
        origin="job",
        contents=contents,
        background=BACKGROUND,
        line_grid=rrb.LineGrid3D(plane=rr.components.Plane3D.XY.with_distance(GROUND_Z_IN_MODEL)),
        eye_controls=rrb.EyeControls3D(
            kind=rrb.Eye3DKind.Orbital, position=eye_in_model, look_target=(0.0, 0.0, 0.0), eye_up=(0.0, 0.0, 1.0)
        ),
    )


def side_column() -> rrb.Vertical:
    """Prompt, curves, log."""
    without_legend = rrb.PlotLegend(visible=False)
    curves = [
        rrb.TimeSeriesView(name=label, origin=f"job/curves/{name}", plot_legend=without_legend)
        for name, (label, _) in LINES.items()
    ]
    return rrb.Vertical(
        rrb.TextDocumentView(name="Prompt", origin="job/prompt"),
        *curves,
        rrb.TextLogView(name="Log", origin="job/log", columns=rrb.TextLogColumns(text_log_columns=LOG_COLUMNS)),
        row_shares=[3, 2, 2, 3],
    )


def line_style(name: str) -> rr.SeriesLines:
    """Colour and name of one curve."""
    label, color = LINES[name]
    return rr.SeriesLines(names=label, colors=color, widths=2.0)
