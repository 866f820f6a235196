# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to the random user: the worker dies, job folders and their files go or change."""

import os
import shutil
import signal

from blender_text3d.addon.state.session_state import state

NAMES = ("events.jsonl", "mesh.npz", "preview.npz", "request.json", "claim.json", "imported.json")


def kill_the_worker(driver) -> None:
    """At once, or politely."""
    if state.session and state.session.worker.is_alive():
        os.kill(state.session.worker.pid, driver.chance.choice((signal.SIGKILL, signal.SIGTERM)))


def some_job(driver):
    """A job folder, or None."""
    jobs = sorted((driver.folder / "home" / "jobs").glob("*-*-*"))
    return driver.chance.choice(jobs) if jobs else None


def remove_a_job_folder(driver) -> None:
    """With all that is in it."""
    if job := some_job(driver):
        shutil.rmtree(job, ignore_errors=True)


def remove_a_file(driver) -> None:
    """Of some job."""
    if job := some_job(driver):
        (job / driver.chance.choice(NAMES)).unlink(missing_ok=True)


def garble_a_file(driver) -> None:
    """Of some job: rubbish at its end, or its end cut off."""
    job = some_job(driver)
    path = job / driver.chance.choice(NAMES) if job else None
    if path and path.exists():
        content = path.read_bytes()
        rubbish = driver.chance.randbytes(driver.chance.randrange(1, 200))
        path.write_bytes(content + rubbish if driver.chance.random() < 0.5 else content[: len(content) // 2])


ACTIONS = (kill_the_worker, remove_a_job_folder, remove_a_file, garble_a_file)
