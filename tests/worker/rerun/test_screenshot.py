# SPDX-License-Identifier: GPL-3.0-or-later
import time

import numpy as np
import pytest
from PIL import Image

from blender_text3d.worker.rerun.live_view import LiveView
from tests.worker.rerun.sample_job import new_job, run_job
from tests.worker.rerun.viewer_screenshot import can_draw, headless_viewer

RETRY_FOR_S = 600
COLORFUL = 40


@pytest.mark.skipif(not can_draw(), reason="no Vulkan driver here, so the viewer cannot draw")
def test_the_viewer_draws_the_finished_object_large_and_in_color(tmp_path, monkeypatch):
    monkeypatch.setenv("CI", "true")
    job = new_job(tmp_path)
    run_job(job, LiveView())
    end = time.monotonic() + RETRY_FOR_S
    with headless_viewer(job.rrd) as viewer:
        share = 0.0
        while share < 0.05 and time.monotonic() < end:
            time.sleep(1.0)
            share = colorful_share(viewer, tmp_path / "view.png")
    assert share >= 0.05


def colorful_share(viewer, png):
    """Return the share of colorful pixels in the left two thirds, which show the object and nothing else."""
    viewer.save_screenshot(str(png))
    pixels = np.asarray(Image.open(png).convert("RGB")).astype(int)
    left = pixels[100:-100, : pixels.shape[1] * 2 // 3]
    return float((np.ptp(left, axis=2) > COLORFUL).mean())
