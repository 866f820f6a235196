# SPDX-License-Identifier: GPL-3.0-or-later
"""The recordings of jobs that are compared → one file with all of them, in the folder of the one that ended last."""

import stat
import warnings
from pathlib import Path

import rerun as rr
from rerun.chunk import RrdReader

from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from .blueprint import APPLICATION_ID, blueprint, roots_of
from .close_stream import close_stream

MAX_BYTES = 2**30
"""Of a recording; read to be joined, it takes about as much memory."""
NEIGHBOURS = 50
"""How many of the newest jobs are looked at."""


def merge_recordings(job: JobFolder) -> Path | None:
    """Writes comparison.rrd once every job of a comparison has its recording; gives its path if it did.

    Raises:
        OSError, RuntimeError: The job folder cannot be written.
    """
    request = job.read_request()
    if not request.comparison:
        return None
    recordings = [other.rrd for other in compared(job, request.comparison) if is_recording(other.rrd)]
    if len(recordings) < len(roots_of(request)):
        return None
    joined = job.path / "comparison.rrd"
    write_joined(recordings, joined, request)
    return joined


def compared(job: JobFolder, comparison: str) -> list[JobFolder]:
    """The jobs of a comparison, this one among them, oldest first."""
    newest = sorted((path for path in job.path.parent.iterdir() if not path.name.startswith(".")), reverse=True)
    folders = [JobFolder(path) for path in newest[:NEIGHBOURS] if path.is_dir()]
    return [folder for folder in reversed(folders) if comparison_of(folder) == comparison]


def is_recording(path: Path) -> bool:
    """Whether there is a plain file that can be read to its end: other jobs' folders may be anybody's.

    Rerun's reader would wait for a pipe without end, and the whole worker with it.
    """
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size <= MAX_BYTES


def comparison_of(job: JobFolder) -> str:
    """The comparison a job is part of; "" for none, and for a folder that holds no job."""
    try:
        return job.read_request().comparison
    except InvalidJob:
        return ""


def write_joined(recordings: list[Path], joined: Path, request: Request) -> None:
    """All chunks of some recordings, under the layout that shows them side by side."""
    stream = rr.RecordingStream(APPLICATION_ID, recording_id=request.comparison, send_properties=False)
    stream.set_sinks(rr.FileSink(joined))
    try:
        stream.send_blueprint(blueprint(roots_of(request)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a recording that was cut short has no footer
            for recording in recordings:
                rr.send_chunks(list(RrdReader(recording).stream()), recording=stream)
    finally:
        close_stream(stream)
