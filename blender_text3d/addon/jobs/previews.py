# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest preview into the viewport, if Blender can do it before anybody notices."""

import time
from dataclasses import dataclass

import bpy

from ..state.session_state import ActiveJob
from . import solid_view

BUDGET_MS = 10.0
INITIAL_MS_PER_BYTE = 2e-5
ALWAYS_FITS_BYTES = 131_072  # five thousand points: a few milliseconds anywhere


@dataclass
class PreviewCost:
    """What a preview costs on this machine, learned from those that were shown.

    Attributes:
        ms_per_byte: Time on the main thread per byte of preview.npz.
    """

    ms_per_byte: float = INITIAL_MS_PER_BYTE

    def fits(self, size_bytes: int) -> bool:
        """Whether a preview can be shown within the budget; refusals soften, so one slow moment is forgotten."""
        if size_bytes <= ALWAYS_FITS_BYTES or self.ms_per_byte * size_bytes <= BUDGET_MS:
            return True
        self.ms_per_byte *= 0.9
        return False

    def update(self, size_bytes: int, took_ms: float) -> None:
        """Half of what is known is the newest; one stall of the machine counts no more than twice the usual."""
        if size_bytes > ALWAYS_FITS_BYTES:
            newest = min(took_ms / size_bytes, 2 * self.ms_per_byte)
            self.ms_per_byte = (self.ms_per_byte + newest) / 2


cost = PreviewCost()


def warm_up() -> None:
    """Do once what a preview does, while a button is pressed: the first time takes numpy and Blender far longer."""
    from ...scene.preview_object import warm_up

    warm_up()


def show_newest_preview(job: ActiveJob) -> None:
    """Show preview.npz if it is new and small enough; skip it otherwise, the next one will come."""
    if not job.has_new_preview or job.target is None:
        return
    job.has_new_preview = False
    try:
        size_bytes = job.folder.preview.stat().st_size
        if cost.fits(size_bytes):
            began = time.perf_counter()
            load_and_show(job)
            cost.update(size_bytes, (time.perf_counter() - began) * 1000)
    except (OSError, ValueError):  # replaced or removed just now: a preview is never worth an error
        return


def load_and_show(job: ActiveJob) -> None:
    """Load the preview and put it into the job's forming object."""
    from ...geometry import load_geometry
    from ...scene.placement import units_per_meter
    from ...scene.preview_object import show_preview

    scene = bpy.data.scenes.get(job.target.scene_name) or bpy.context.scene
    show_preview(
        job.folder.job_id,
        job.request.prompt,
        load_geometry(job.folder.preview),
        size=job.request.size_m * units_per_meter(scene),
        location=job.target.location,
        scene=scene,
        rotation_deg=job.request.rotation_deg,
    )
    solid_view.show_colors()
