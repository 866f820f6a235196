# SPDX-License-Identifier: GPL-3.0-or-later
"""Random accidents: the worker dies, job folders and their files are deleted or changed."""

import os
import shutil
import signal

from blender_text3d.addon.state.session_state import state

NAMES = ("events.jsonl", "mesh.npz", "preview.npz", "request.json", "claim.json", "imported.json")


def kill_the_worker(driver) -> None:
    """Send SIGKILL or SIGTERM to the worker."""
    if state.session and state.session.worker.is_alive():
        os.kill(state.session.worker.pid, driver.rng.choice((signal.SIGKILL, signal.SIGTERM)))


def some_job(driver):
    """Return a random job folder, or None."""
    jobs = sorted((driver.folder / "home" / "jobs").glob("*-*-*"))
    return driver.rng.choice(jobs) if jobs else None


def remove_a_job_folder(driver) -> None:
    """Delete a job folder."""
    if job := some_job(driver):
        shutil.rmtree(job, ignore_errors=True)


def remove_a_file(driver) -> None:
    """Delete a file of a job."""
    if job := some_job(driver):
        (job / driver.rng.choice(NAMES)).unlink(missing_ok=True)


def garble_a_file(driver) -> None:
    """Append garbage to a file of a job, or truncate it."""
    job = some_job(driver)
    path = job / driver.rng.choice(NAMES) if job else None
    if path and path.exists():
        content = path.read_bytes()
        garbage = driver.rng.randbytes(driver.rng.randrange(1, 200))
        path.write_bytes(content + garbage if driver.rng.random() < 0.5 else content[: len(content) // 2])


ACTIONS = (kill_the_worker, remove_a_job_folder, remove_a_file, garble_a_file)
