# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrivals: what the other machine sends, written into the job folders here. All of it is untrusted."""

from ..protocol.events import Started
from .connection import Connection
from .frames import Frame, ProtocolError
from .job_files import MAX_JOB_BYTES, THUMBNAIL_NAME, IncomingFile, is_result_name
from .link import Link
from .relayed_job import ASKED, SENT, THERE, RelayedJob
from .relayed_jobs import RelayedJobs

MAX_MESSAGE_LENGTH = 500


class Arrivals:
    """The receiving side of a relay."""

    def __init__(self, jobs: RelayedJobs, link: Link) -> None:
        """Write into the folders of these jobs."""
        self._jobs, self._link = jobs, link
        self._incoming: IncomingFile | None = None

    def drop_partial(self) -> None:
        """Remove the part of a file that had arrived when the connection broke."""
        if self._incoming:
            self._incoming.discard()
            self._incoming = None

    def act(self, frame: Frame, connection: Connection) -> None:
        """Act on a frame.

        Raises:
            ProtocolError: It is not expected.
            OSError: A job folder cannot be written.
        """
        if frame.kind == "pong":
            return
        if frame.kind == "chunk":
            self._add_chunk(frame.payload)
            return
        job = self._jobs.get(frame.text("key"))
        if frame.kind == "file":
            self._begin_file(frame, job)
        elif job is not None:  # else it was dropped here in the meantime
            self._act_on_job(frame, job, connection)

    def _act_on_job(self, frame: Frame, job: RelayedJob, connection: Connection) -> None:
        if frame.kind == "state":
            self._send_if_absent(job, connection, is_present=frame.text("state") == "present")
        elif frame.kind == "claimed":
            self._jobs.claim(job)
        elif frame.kind == "event":
            self._add_event(job, frame)
        elif frame.kind == "refused":
            self._refuse(job, frame.text("message"))
        elif frame.kind == "done":
            self._jobs.forget(job)
        else:
            raise ProtocolError(f"the kind {frame.kind[:40]!r}")

    def _send_if_absent(self, job: RelayedJob, connection: Connection, *, is_present: bool) -> None:
        if is_present:
            job.step = THERE
        elif job.step == ASKED:
            job.step, job.seen = SENT, 0
            connection.send_all(job.upload())
            connection.send("create", key=job.key)
        else:
            raise ProtocolError("a job vanished while it was sent")

    def _refuse(self, job: RelayedJob, message: str) -> None:
        if self._jobs.claim(job):
            shown = message[:MAX_MESSAGE_LENGTH]
            job.fail(f"{self._link.host.label}: {shown}", "Free some space there and generate again.")
            self._jobs.forget(job)

    def _add_event(self, job: RelayedJob, frame: Frame) -> None:
        if frame.count("number") != job.seen + 1:
            raise ProtocolError(f"event {frame.count('number')} after {job.seen}")
        if not self._jobs.claim(job):
            return
        self._link.confirm()
        event = job.add(frame.text("event"), self._link.host.label, self._link.clock_offset_s)
        if isinstance(event, Started):  # the batch is complete: the client takes the others back
            self._jobs.close_offer()

    def _begin_file(self, frame: Frame, job: RelayedJob | None) -> None:
        if self._incoming:
            raise ProtocolError("a file within a file")
        name = frame.text("name")
        if job is None or (job.has_ended and name != THUMBNAIL_NAME):
            return
        if not is_result_name(name):
            raise ProtocolError(f"the file {name[:80]!r}")
        job.received_bytes += frame.count("size")
        if job.received_bytes > MAX_JOB_BYTES:
            raise ProtocolError("a job is too large")
        self._incoming = IncomingFile(frame, job.folder.path)
        self._keep_if_complete()

    def _add_chunk(self, chunk: bytes) -> None:
        if self._incoming:  # else it belongs to a job that was dropped
            self._incoming.add(chunk)
            self._keep_if_complete()

    def _keep_if_complete(self) -> None:
        if self._incoming and self._incoming.is_complete():
            incoming, self._incoming = self._incoming, None
            incoming.keep()
