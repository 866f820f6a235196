# SPDX-License-Identifier: GPL-3.0-or-later
"""Agent: the other end of the relay. It keeps the jobs of other machines in folders here and has a worker run them."""

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from ..client.session import Session
from ..protocol.events import Started
from ..protocol.job_folder import JobFolder
from .frames import Frame, ProtocolError, frame_bytes
from .job_files import IncomingFile
from .mirror import Mirror
from .probe_there import probe
from .stored_jobs import StoredJobs

CLAIM_TIMEOUT_S = 120.0


class Agent:
    """The jobs of one relay, and the session that runs them.

    Attributes:
        session: The session with the worker.
    """

    def __init__(self, output: BinaryIO, jobs: StoredJobs, python: Path) -> None:
        self.session = Session(jobs.path, python, CLAIM_TIMEOUT_S, is_for_blender=False)
        self._output = output
        self._jobs = jobs
        self._mirrors: dict[str, Mirror] = {}
        self._incoming: IncomingFile | None = None
        self._refused = ""
        self._forgotten: set[str] = set()
        self._later: list[JobFolder] = []

    def act(self, frame: Frame) -> None:
        """Act on a frame of the relay.

        Raises:
            ProtocolError: It is none.
            OSError: The connection has ended.
        """
        if frame.kind == "ping":
            self.send((frame_bytes("pong"),))
        elif frame.kind == "chunk":
            self._receive(frame)
        elif frame.kind == "do":
            self._do(frame)
        elif frame.kind == "preload":
            self.session.start_early(frame.text("model"), frame.text("device"))
        elif frame.kind == "probe":
            self.send((frame_bytes("probed", **probe(self.session.worker.python)),))
        else:
            self._act_on_job(frame, frame.text("key"))

    def _act_on_job(self, frame: Frame, key: str) -> None:
        if frame.kind == "open":
            self._answer(key)
        elif frame.kind == "file":
            self._receive(frame)
        elif frame.kind == "create":
            self._create(key)
        elif frame.kind == "cancel":
            self.session.cancel(self._jobs.folder(key))
        elif frame.kind == "watch":
            self._jobs.folder(key).set_watched(frame.values.get("watched") is True)
        elif frame.kind == "forget":
            self._forget(key)
        else:
            raise ProtocolError(f"the kind {frame.kind[:40]!r}")

    def _answer(self, key: str) -> None:
        state = "present" if self._jobs.is_present(key) else "absent"
        self._refused = ""
        self.send((frame_bytes("state", key=key, state=state),))

    def _receive(self, frame: Frame) -> None:
        """Receive a part of an input file; one that cannot be written is read to its end, and refused."""
        try:
            if frame.kind == "file":
                self._incoming = self._jobs.begin_file(frame)
            elif self._incoming:
                self._incoming.add(frame.payload)
            if self._incoming and self._incoming.is_complete():
                incoming, self._incoming = self._incoming, None
                incoming.keep()
        except OSError as error:
            self._refused = f"The disk cannot be written ({error.strerror or error})."
            if self._incoming:
                self._incoming.discard()
            self._incoming = None

    def _create(self, key: str) -> None:
        try:
            if not self._refused:
                self._jobs.create(key)
        except OSError as error:
            self._refused = f"The disk cannot be written ({error.strerror or error})."
        if self._refused:
            self._jobs.remove(key)
            self.send((frame_bytes("refused", key=key, message=self._refused),))
        else:
            self.send((frame_bytes("state", key=key, state="present"),))

    def _do(self, frame: Frame) -> None:
        """Offer jobs to the worker; those that are followed already go on."""
        wanted = frame.values.get("jobs")
        if not isinstance(wanted, list) or not all(isinstance(values, dict) for values in wanted):
            raise ProtocolError("do has no jobs")
        entries = [Frame("do", values) for values in wanted]
        self.session.drop_waiting()
        self.session.offer.max_batch_size = frame.values.get("at_once") and frame.count("at_once")
        self.session.is_paused = False
        for entry in entries:
            folder = self._jobs.folder(entry.text("key"))
            if folder not in self.session.jobs:
                self._mirrors[folder.job_id] = Mirror(folder, entry.count("seen"))
        known = set(self.session.jobs)
        new = [folder for entry in entries if (folder := self._jobs.folder(entry.text("key"))) not in known]
        begun = [folder for folder in new if folder.is_claimed()]
        self._later = [folder for folder in new if folder not in begun]
        self.session.resume(begun)
        self._offer_later()

    def _offer_later(self) -> None:
        """Offer the other jobs once no worker of an earlier agent still runs one: two would share the memory."""
        if self._later and not self.session.jobs:
            later, self._later = self._later, []
            self.session.is_paused = False
            self.session.resume(later)
        self._pause_if_offered()

    def _pause_if_offered(self) -> None:
        """Have the jobs that the worker leaves wait until they are wanted again; they may be canceled meanwhile."""
        self.session.is_paused |= bool(self.session.offer.jobs)

    def _forget(self, key: str) -> None:
        """Remove a job, once it has ended."""
        folder = self._jobs.folder(key)
        self._mirrors.pop(key, None)
        if folder in self.session.jobs:
            self.session.cancel(folder)
            self._forgotten.add(key)
        else:
            self._jobs.remove(key)

    def tick(self) -> None:
        """Send what has happened.

        Raises:
            OSError: The connection has ended.
        """
        news = self.session.poll()
        self._offer_later()
        for folder in self.session.offer.jobs:
            if folder.job_id in self._mirrors and self.session.offer.claim_of(folder):
                self.send(self._mirrors[folder.job_id].claim())
        for folder, event in news:
            if mirror := self._mirrors.get(folder.job_id):
                self.send(mirror.add(event))
            if isinstance(event, Started):
                self.session.drop_waiting()
        for key, mirror in list(self._mirrors.items()):
            self.send(mirror.rest())
            if mirror.is_done:
                del self._mirrors[key]
        for key in [key for key in self._forgotten if self._jobs.folder(key) not in self.session.jobs]:
            self._forgotten.remove(key)
            self._jobs.remove(key)

    def send(self, frames: Iterable[bytes]) -> None:
        """Send frames now.

        Raises:
            OSError: The connection has ended.
        """
        for frame in frames:
            self._output.write(frame)
        self._output.flush()
