# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions with the real worker and the scripted engine, or with a stand-in for the worker."""

import pytest

from blender_text3d.client.session import Session
from tests.worker.scripted_python import WITH_SCRIPTED_ENGINE, scripted_python

# The worker's protocol without its imports: claims jobs and finishes them at once.
QUICK_WORKER = """
import os, sys
sys.path.insert(0, os.getcwd())
from blender_text3d.protocol.events import Finished
from blender_text3d.worker.commands import commands_from
for offer in commands_from(sys.stdin):
    for job in offer.jobs:
        if job.claim():
            job.append(Finished(elapsed_s=0.0, files={}))
            break
"""

# The same in batches of two; it crashes if a prompt contains "die".
PAIR_WORKER = """
import os, sys
sys.path.insert(0, os.getcwd())
from blender_text3d.protocol.events import Finished
from blender_text3d.worker.commands import commands_from
for offer in commands_from(sys.stdin):
    pair = [job for job in offer.jobs if job.claimed_by() is None][: offer.at_once or 2]
    for job in pair:
        job.claim()
    if any("die" in job.job_id for job in pair):
        os._exit(9)
    for job in pair:
        job.append(Finished(elapsed_s=0.0, files={"pair": " ".join(job.job_id for job in pair)}))
"""


@pytest.fixture
def jobs_dir(tmp_path):
    return tmp_path / "jobs"


@pytest.fixture
def session_with(tmp_path, jobs_dir):
    """A function that creates sessions whose worker runs this script; the workers are killed afterwards."""
    sessions = []

    def make(script: str = QUICK_WORKER, **choices) -> Session:
        folder = tmp_path / f"python-{len(sessions)}"
        folder.mkdir()
        sessions.append(Session(jobs_dir, scripted_python(folder, script), **choices))
        return sessions[-1]

    yield make
    for session in sessions:
        session.worker.kill()


@pytest.fixture
def scripted(session_with) -> Session:
    return session_with(WITH_SCRIPTED_ENGINE)
