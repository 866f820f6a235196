# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender ends while a job runs: the worker finishes it, and the next Blender offers the object."""

import os
import subprocess
import sys
import time
from pathlib import Path

import bpy
import pytest

from blender_text3d.addon.state.session_state import state

REPOSITORY = Path(__file__).parents[3]
START_AND_END = """
import os, time, bpy, blender_text3d
blender_text3d.register()
from blender_text3d.addon.jobs import poll_timer, submit
bpy.context.scene.text3d.prompt = "slowly a chair"
(job,) = submit.generate(bpy.context.scene)
while job.index < 2:
    poll_timer.on_timer()
    assert not job.end, job
    time.sleep(0.02)
{ending}
os._exit(0)
"""


@pytest.mark.parametrize("ending", ["pass", "blender_text3d.unregister()"], ids=["crash", "quit"])
def test_a_job_outlives_blender_and_is_offered_by_the_next(addon, scene, ending):
    variables = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", START_AND_END.format(ending=ending)]
    assert subprocess.run(command, env=variables, cwd=REPOSITORY).returncode == 0
    give_up = time.monotonic() + 600
    while not state.ready:
        assert time.monotonic() < give_up, "the job was lost"
        time.sleep(0.1)
        bpy.ops.text3d.find_jobs()
    assert bpy.ops.text3d.import_job() == {"FINISHED"}
    assert [target.name for target in scene.objects] == ["slowly a chair"]
