# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of the run on a cluster, for the main panel and the queue."""

import bpy

from ...client.run_status import RunStatus
from ..background.cluster_task import cluster_task
from ..state.time_estimate import format_duration


def draw(layout: bpy.types.UILayout) -> None:
    """Draw the progress of the run in two lines, if there is one."""
    if not cluster_task.is_running():
        return
    column = layout.column(align=True)
    draw_bar(column.row(align=True))
    details = column.row()
    details.active = False
    details.label(text=run_details(cluster_task.status, is_stopping=cluster_task.is_stop_requested))


def draw_bar(row: bpy.types.UILayout) -> None:
    """Draw how much of the run is done, with the button that stops it."""
    status = cluster_task.status
    row.progress(factor=status.share_done, type="BAR", text=run_text(status))
    row.operator("text3d.stop_cluster", text="", icon="CANCEL")


def run_text(status: RunStatus) -> str:
    """Return how much of a run is done."""
    if not status.total:
        return "Cluster  ·  Starting"
    return f"Cluster  ·  {status.done + status.existed:,} of {status.total:,}"


def run_details(status: RunStatus, *, is_stopping: bool = False) -> str:
    """Return rate, time left and failures of a run."""
    if is_stopping:
        return "Stopping after the running objects"
    if status.is_silent:
        return "No progress for minutes"
    parts = [f"{status.objects_per_s:.1f} per second"] if status.objects_per_s else []
    parts += [f"{format_duration(status.eta_s)} left"] if status.eta_s else []
    parts += [f"{status.failed:,} failed"] if status.failed else []
    return "  ·  ".join(parts) or "Starting processes"
