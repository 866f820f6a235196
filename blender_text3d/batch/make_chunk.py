# SPDX-License-Identifier: GPL-3.0-or-later
"""ChunkMaker: makes the missing objects of chunks, with one worker that keeps its model loaded."""

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, Self

from ..client.offers import MAX_JOBS_PER_OFFER
from ..client.session import Session
from ..client.worker_process import Launch
from ..protocol.errors import BadRequest, InvalidJob
from ..protocol.events import TERMINAL, Event, Failed, Finished
from ..protocol.failures import Reason
from ..protocol.job_folder import JobFolder
from .deadline import Deadline
from .failures import MAX_ATTEMPTS
from .kept_jobs import keep_job
from .object_store import ObjectStore
from .orders import ChunkOrder
from .recipe_command import generate_command

POLL_EVERY_S, POLL_FEW_EVERY_S = 0.05, 0.01
FEW_JOBS = 2
"""With no more jobs left, the worker soon waits for others."""
FIRST_OFFER = 8
"""Jobs that a worker without any is offered at once, to make them in one batch: offered alone, the first is a batch."""
MAX_JOBS = 2 * MAX_JOBS_PER_OFFER
"""Jobs at once: enough for the worker to never wait, and few folders on the disk."""
GIVEN_UP = f"It failed {MAX_ATTEMPTS} times (see failed.jsonl). Add --retry-failed to try it again."
CRASHES = {Reason.WORKER_DIED, Reason.INTERRUPTED}
STOPPING = {Reason.ENVIRONMENT, Reason.DISK_FULL, Reason.READ_ONLY}
"""Reasons that all further objects would fail for, too."""
MADE, EXISTS, GAVE_WAY, FAILED, SKIPPED = "made", "exists", "gave way", "failed", "skipped"


class Outcome(NamedTuple):
    """Outcome of an object.

    Attributes:
        order: The object.
        state: MADE, EXISTS (before), GAVE_WAY (another process was first), FAILED, or SKIPPED (it failed too often).
        reason: Why it failed or was skipped, or "".
        seconds: Seconds that it took.
        is_final: True if it is not tried again.
    """

    order: ChunkOrder
    state: str
    reason: str = ""
    seconds: float = 0.0
    is_final: bool = False


class ChunkMaker:
    """Makes objects into a folder; close it at the end. An actor keeps one and passes it chunk after chunk.

    Args:
        store: The folder of objects.
        python: The worker's Python.
        max_batch_size: Largest batch; None leaves it to the worker and its device.
        has_latent: True to keep the latents.
        keeps_jobs: True to keep the job folders too.
        is_judged: True to record kind and color of the object in each picture.
        retries_failed: True to try objects again whose last failure was final.
        deadline_s: Longest time for an object, after which the worker is ended and the object has failed; 0 for none.
        variables: Environment variables of the worker.
        launch: Starts the worker; None for its Python.
    """

    def __init__(
        self,
        store: ObjectStore,
        python: Path,
        *,
        max_batch_size: int | None = None,
        has_latent: bool = False,
        keeps_jobs: bool = False,
        is_judged: bool = False,
        retries_failed: bool = False,
        deadline_s: float = 0.0,
        variables: Mapping[str, str] | None = None,
        launch: Launch | None = None,
    ) -> None:
        self._store = store
        self._keeps_jobs, self._has_latent, self._is_judged = keeps_jobs, has_latent, is_judged
        self._retries_failed = retries_failed
        self._failures = store.failures.counts()
        self._cleanup = ExitStack()
        self._work = self._cleanup.enter_context(store.work_folder())
        self._session = Session(
            self._work / "jobs", python, max_batch_size=max_batch_size, is_for_blender=False, object_only=True
        )
        self._session.worker.variables |= variables or {}
        self._session.worker.launch = launch or self._session.worker.launch
        self._deadline = Deadline(deadline_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def worker_pid(self) -> int:
        """Process ID of the newest worker; 0 before the first."""
        return self._session.worker.pid

    def close(self) -> None:
        """End the worker and remove unfinished work."""
        self._session.cancel_all()
        while self._session.jobs:
            self._session.poll()
            time.sleep(POLL_EVERY_S)
        self._session.close()
        self._cleanup.close()

    def know_failures(self, counts: Mapping[str, int]) -> None:
        """Learn how often objects have failed in other processes."""
        self._failures |= counts

    def make(self, orders: Iterable[ChunkOrder]) -> Iterator[Outcome]:
        """Make the objects that are missing; returns what became of each as soon as it is known.

        A worker that dies, or is ended because of the deadline, takes all objects of its batch with it: these are made
        again at the end, one at a time.

        Raises:
            InvalidJob, OSError: The folder cannot be written, or the worker cannot run; finished objects stay.
        """
        crashed: list[ChunkOrder] = []
        yield from self._run(orders, MAX_JOBS, crashed)
        for order in crashed:
            yield from self._run([order], 1)

    def _run(
        self, orders: Iterable[ChunkOrder], max_jobs: int, crashed: list[ChunkOrder] | None = None
    ) -> Iterator[Outcome]:
        """Make objects, of which at most `max_jobs` wait at once; those of dead workers go to `crashed`, if given."""
        waiting = iter(orders)
        running: dict[JobFolder, ChunkOrder] = {}
        while True:
            yield from self._begin(waiting, running, max_jobs)
            if not running:
                return
            from . import object_files  # noqa: F401  now, while the worker starts: numpy and PIL

            count = len(running)
            for job, event in self._session.poll():
                is_overdue = self._deadline.read(job, event)
                if not isinstance(event, TERMINAL):
                    continue
                order = running.pop(job)
                is_crash = isinstance(event, Failed) and event.reason in CRASHES
                if is_crash and crashed is not None and (not is_overdue or self._deadline.is_shared):
                    crashed.append(order)
                else:
                    yield self._ended(job, self._deadline.failure if is_overdue else event, order)
            if self._deadline.has_passed():
                self._session.worker.kill()
            if len(running) == count:  # else there may be others to begin, or nothing to wait for
                time.sleep(POLL_EVERY_S if count > FEW_JOBS else POLL_FEW_EVERY_S)

    def _begin(
        self, orders: Iterator[ChunkOrder], running: dict[JobFolder, ChunkOrder], max_jobs: int
    ) -> Iterator[Outcome]:
        """Start objects until `max_jobs` run; returns the outcomes of those for which there is nothing to do."""
        self._session.is_paused = not running
        while len(running) < max_jobs and (order := next(orders, None)):
            if outcome := self._begun(order, running):
                yield outcome
            if len(running) >= FIRST_OFFER:
                self._session.is_paused = False
        self._session.is_paused = False

    def _begun(self, order: ChunkOrder, running: dict[JobFolder, ChunkOrder]) -> Outcome | None:
        """Start an object; returns its outcome if there is nothing to do."""
        if self._store.has(order.object_id):
            self._clear_failures(order)
            return Outcome(order, EXISTS)
        if self._failures.get(order.object_id, 0) >= MAX_ATTEMPTS and not self._retries_failed:
            return Outcome(order, SKIPPED, GIVEN_UP, is_final=True)
        try:
            (job,) = self._session.submit([order.request])
        except BadRequest as error:
            return self._failed(order, str(error))
        running[job] = order
        return None

    def _ended(self, job: JobFolder, event: Event, order: ChunkOrder) -> Outcome:
        try:
            if isinstance(event, Finished):
                return self._published(job, event, order)
            reason = f"{event.message} {event.fix}" if isinstance(event, Failed) else "It was canceled."
            if isinstance(event, Failed) and event.reason in STOPPING:
                raise InvalidJob(reason)
            return self._failed(order, reason)
        finally:
            shutil.rmtree(job.path, ignore_errors=True)

    def _published(self, job: JobFolder, event: Finished, order: ChunkOrder) -> Outcome:
        folder = self._work / order.object_id
        attempt = 1 + self._failures.get(order.object_id, 0)
        from .object_files import write_object

        try:
            write_object(job, order, folder, attempt=attempt, has_latent=self._has_latent, is_judged=self._is_judged)
        except (InvalidJob, ValueError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            return self._failed(order, f"Its files cannot be written ({error}).")
        is_first = self._store.publish(folder, order.object_id)
        if is_first and self._keeps_jobs:
            keep_job(job, self._store.out, self._store.folder_of(order.object_id) / f"{order.object_id}.webp")
        self._clear_failures(order)
        return Outcome(order, MADE if is_first else GAVE_WAY, seconds=event.elapsed_s)

    def _clear_failures(self, order: ChunkOrder) -> None:
        if self._failures.pop(order.object_id, 0):
            self._store.failures.clear(order.object_id)

    def _failed(self, order: ChunkOrder, reason: str) -> Outcome:
        self._failures[order.object_id] = attempt = 1 + self._failures.get(order.object_id, 0)
        self._store.failures.record(failure_of(order, reason, attempt))
        return Outcome(order, FAILED, reason, is_final=attempt >= MAX_ATTEMPTS)


def failure_of(order: ChunkOrder, reason: str, attempt: int) -> dict[str, Any]:
    """Return what is recorded of a failure: the whole recipe, and a command that makes the object."""
    recipe = order.request.to_values()
    command, note = generate_command(recipe)
    asked = {name: recipe[name] for name in ("prompt", "seed", "model")}
    told = {"place": order.place, "reason": reason, "attempt": attempt, "is_final": attempt >= MAX_ATTEMPTS}
    return {"id": order.object_id, **asked, **told, "recipe": recipe, "command": command, "note": note}
