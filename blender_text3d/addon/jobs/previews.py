# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest preview in the viewport, if Blender can show it within a few milliseconds."""

import time

from ...protocol.job_folder import JobFolder
from ..state.active_job import ActiveJob, ImportTarget
from . import solid_view
from .free_location import target_scene

BUDGET_MS = 10.0
INITIAL_MS_PER_BYTE = 2e-5
ALWAYS_FITS_BYTES = 131_072  # 5,000 points: a few milliseconds on any machine


class PreviewCost:
    """The time that previews take on this machine, estimated from those shown.

    Attributes:
        ms_per_byte: Time on the main thread per byte of preview.npz.
    """

    def __init__(self, ms_per_byte: float = INITIAL_MS_PER_BYTE):
        """Begin with an estimate."""
        self.ms_per_byte = ms_per_byte

    def fits(self, size_bytes: int) -> bool:
        """True if a preview fits into the budget. Refusals lower the estimate, so one slow preview is forgotten."""
        if size_bytes <= ALWAYS_FITS_BYTES or self.ms_per_byte * size_bytes <= BUDGET_MS:
            return True
        self.ms_per_byte *= 0.9
        return False

    def update(self, size_bytes: int, took_ms: float) -> None:
        """Average the estimate with a new time, which counts at most twice the estimate."""
        if size_bytes > ALWAYS_FITS_BYTES:
            newest = min(took_ms / size_bytes, 2 * self.ms_per_byte)
            self.ms_per_byte = (self.ms_per_byte + newest) / 2


cost = PreviewCost()
watched: dict[str, JobFolder | None] = {}


def watch(folder: JobFolder | None) -> None:
    """Request previews of one job, which costs its worker time, and of no other."""
    if folder != watched.get("folder"):
        old = watched.get("folder")
        if old is not None:
            old.set_watched(False)
        if folder is not None:
            folder.set_watched(True)
        watched["folder"] = folder


def warm_up() -> None:
    """Run the steps of a preview once while a button is pressed, since the first time is far slower."""
    from ...scene.preview_object import warm_up

    warm_up()


def show_newest_preview(job: ActiveJob) -> None:
    """Show preview.npz if it is new and small enough, else wait for the next one."""
    if not job.has_new_preview or job.target is None:
        return
    job.has_new_preview = False
    try:
        size_bytes = job.folder.preview.stat().st_size
        if cost.fits(size_bytes):
            start_s = time.perf_counter()
            load_and_show(job, job.target)
            cost.update(size_bytes, (time.perf_counter() - start_s) * 1000)
    except (OSError, ValueError):  # it was replaced or removed in the meantime
        return


def load_and_show(job: ActiveJob, target: ImportTarget) -> None:
    """Load the preview into the job's preview object."""
    from ...geometry import load_geometry
    from ...scene.placement import units_per_meter
    from ...scene.preview_object import show_preview

    scene = target_scene(target)
    show_preview(
        job.folder.job_id,
        job.name,
        load_geometry(job.folder.preview),
        size=job.request.size_m * units_per_meter(scene),
        location=target.location,
        scene=scene,
        rotation_deg=job.request.rotation_deg,
        matrix_world=target.replaced.matrix_world if target.replaced else (),
        captured=target.captured,
    )
    solid_view.show_colors()
