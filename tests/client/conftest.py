# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions with the real worker and the scripted engine, or with another program in the worker's place."""

import pytest

from blender_text3d.client.session import Session
from tests.worker.scripted_python import WITH_SCRIPTED_ENGINE, scripted_python

# The worker's manners without its imports: takes jobs, finishes them, is quick.
QUICK_WORKER = """
import os, sys
sys.path.insert(0, os.getcwd())
from blender_text3d.protocol.events import Finished
from blender_text3d.worker.commands import offers_from
for offer in offers_from(sys.stdin):
    for job in offer.jobs:
        if job.claim():
            job.append(Finished(elapsed_s=0.0, files={}))
            break
"""

# The same, but does two of an offer at once, and dies with them where a prompt says so.
PAIRS = """
import os, sys
sys.path.insert(0, os.getcwd())
from blender_text3d.protocol.events import Finished
from blender_text3d.worker.commands import offers_from
for offer in offers_from(sys.stdin):
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
    """Makes sessions whose worker's Python runs this script; ends their workers afterwards."""
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
