# SPDX-License-Identifier: GPL-3.0-or-later
"""The recordings of compared jobs → one recording with all of them, in the folder of the job that ended last."""

import stat
import warnings
from pathlib import Path

import rerun as rr
from rerun.chunk import RrdReader

from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from .blueprint import APPLICATION_ID, roots_of
from .chain_blueprint import layout_of
from .close_stream import close_stream

MAX_BYTES = 2**30
"""The size limit of a recording to merge; reading it takes about as much memory."""
MAX_SEARCHED_JOBS = 50


def merge_recordings(folder: JobFolder) -> Path | None:
    """Write comparison.rrd once every job of a comparison has its recording; returns its path if it was written.

    Raises:
        OSError, RuntimeError: The job folder cannot be written.
    """
    request = folder.read_request()
    if not request.comparison:
        return None
    recordings = [other.rrd for other in compared_jobs(folder, request.comparison) if is_recording(other.rrd)]
    if len(recordings) < len(roots_of(request)):
        return None
    merged = folder.path / "comparison.rrd"
    write_merged(recordings, merged, request)
    return merged


def compared_jobs(folder: JobFolder, comparison: str) -> list[JobFolder]:
    """Return the jobs of a comparison among the newest jobs, including this one, oldest first."""
    newest = sorted((path for path in folder.path.parent.iterdir() if not path.name.startswith(".")), reverse=True)
    jobs = [JobFolder(path) for path in newest[:MAX_SEARCHED_JOBS] if path.is_dir()]
    return [job for job in reversed(jobs) if comparison_of(job) == comparison]


def is_recording(path: Path) -> bool:
    """True if a path is a regular file of limited size: Rerun's reader has no timeout, and other jobs are untrusted."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size <= MAX_BYTES


def comparison_of(folder: JobFolder) -> str:
    """Return the comparison that a job is part of; "" if there is none, or if the folder holds no valid job."""
    try:
        return folder.read_request().comparison
    except InvalidJob:
        return ""


def write_merged(recordings: list[Path], merged: Path, request: Request) -> None:
    """Write all chunks of some recordings to one file, with the layout that shows them side by side."""
    stream = rr.RecordingStream(APPLICATION_ID, recording_id=request.comparison, send_properties=False)
    stream.set_sinks(rr.FileSink(merged))
    try:
        stream.send_blueprint(layout_of(request))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an incomplete recording has no footer
            for recording in recordings:
                rr.send_chunks(list(RrdReader(recording).stream()), recording=stream)
    finally:
        close_stream(stream)
