# SPDX-License-Identifier: GPL-3.0-or-later
"""One job, from claim to last event."""

import sys
import traceback
from typing import TYPE_CHECKING

from ..protocol.events import Cancelled, Event
from ..protocol.job_folder import JobFolder
from .failures import failure_of
from .making import make
from .printed import printed_to
from .report import Report
from .workshop import Workshop

if TYPE_CHECKING:
    from ..engine.generate import Result


def attend(job: JobFolder, workshop: Workshop) -> None:
    """Do a job unless another worker has it; whatever goes wrong in it becomes its last event.

    Raises:
        OSError: The job folder cannot be written, so nobody can be told there.
    """
    if not job.claim():
        sys.stderr.write(f"Another worker has the job {job.job_id}.\n")
        return
    with printed_to(job.log):
        report = Report(job, workshop.pace)
        report.end(*outcome(job, workshop, report))


def outcome(job: JobFolder, workshop: Workshop, report: Report) -> "tuple[Event, Result | None]":
    """How the job ended, and what it made: pulls steps until there are no more or nobody wants them."""
    work = make(job, workshop, report)
    try:
        while True:
            step = next(work)
            if job.is_cancel_asked():
                work.close()
                return Cancelled(stage=step.stage, index=step.index), None
    except StopIteration as done:
        return done.value
    except Exception as error:
        traceback.print_exc()
        return failure_of(error, job), None
