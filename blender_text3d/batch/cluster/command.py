# SPDX-License-Identifier: GPL-3.0-or-later
"""Make what a list has and a folder lacks on a cluster; returns exit codes."""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial

from ...client.run_status import FAILED, FINISHED, RUNNING, STARTING, STOP_NAME, STOPPED
from ...protocol.errors import InvalidJob
from ..folders import require_folder
from ..kept_jobs import deliver_jobs
from ..manifest import checked_path, update_manifest
from ..object_store import ObjectStore
from ..orders import Chunk, chunk_of
from ..outcome_lines import OutcomeLines, lines_of, say
from ..progress import RunProgress
from ..prompt_lists.prompt_list import read_prompt_list
from ..prompt_lists.selection import selected
from ..shard_size import shard_size_of
from ..termination import termination_as_interrupt
from ..weights_notice import notice_of_weights
from .connect import connected
from .errors import FolderTaken, NoCluster, RayMissing, RunFailed
from .fleet import Fleet
from .folder_lock import held
from .makers import Makers
from .object_maker import MakerSettings
from .ray_library import require_ray
from .rerun_scalars import RerunScalars
from .run import FleetRun

FAILED_CODE, UNUSABLE, INTERRUPTED = 1, 2, 130
LINE_EVERY_S = 5.0
STOPPED_TEXT = "Stopped. Run the same command again to make the rest."


def make(options: argparse.Namespace) -> int:
    """Make the objects; what stops it is one sentence on stderr. Returns the exit code.

    Raises:
        BadRequest: The list, the folder or an option cannot be used.
    """
    require_folder(options.out, "--out")
    options.out = options.out.absolute()  # as other machines know it
    try:
        require_ray()
        return make_on_cluster(options)
    except (RayMissing, FolderTaken) as error:
        say(str(error))
        return UNUSABLE
    except InvalidJob as error:
        say(f"{error} Finished objects are kept.")
    except BrokenPipeError:
        raise
    except OSError as error:
        say(f"{options.out} cannot be written ({error}). Finished objects are kept: run the same command again.")
    return FAILED_CODE


def make_on_cluster(options: argparse.Namespace) -> int:
    """Read the list, run it, pack, write the manifest and report; returns the exit code.

    Raises:
        BadRequest: The list, the folder or an option cannot be used.
        FolderTaken: Another run fills the folder.
        OSError: The folder cannot be written.
    """
    prompts = read_prompt_list(options.jobs, partial(selected, options=options))
    store = ObjectStore(options.out)
    checked_path(store)
    with held(options.out, store.work) as marker, ExitStack() as cleanup:
        for sentence in [*prompts.notices, *store.repair()]:
            say(sentence)
        (options.out / STOP_NAME).unlink(missing_ok=True)
        scalars = cleanup.enter_context(RerunScalars(options.rerun)) if options.rerun else None
        progress = RunProgress(options.out)
        progress.write()
        chunk = chunk_of(prompts.rows, options)
        if notice := notice_of_weights(options.out, chunk.orders):
            say(notice)
        options.shards = shard_size_of(options.shards, max(len(chunk.orders), prompts.length), store)
        follow = Follower(progress, scalars, is_json=options.json)
        code = Command(options, store, chunk, lines_of(options, chunk, store), follow).run(marker)
        return code


class Follower:
    """Tells the progress of a run: file, lines, JSON lines and Rerun scalars."""

    def __init__(self, progress: RunProgress, scalars: RerunScalars | None, *, is_json: bool) -> None:
        self.progress = progress
        self._scalars, self._is_json = scalars, is_json
        self._line_at = time.monotonic()

    def update(self, run: FleetRun) -> None:
        """Tell the counts, if the last time was long enough ago."""
        if run.counts.actors and self.progress.state == STARTING:
            self.progress.set_state(RUNNING)
        if self.progress.update(run.counts):
            self._tell()

    def end(self, run: FleetRun, state: str, reason: str = "") -> None:
        """Tell the last counts and how the run ended."""
        self.progress.counts = run.counts
        self.progress.set_state(state, reason)
        self._line_at = 0.0
        self._tell()

    def _tell(self) -> None:
        values = self.progress.values()
        if self._scalars:
            self._scalars.add(values)
        if self._is_json:
            sys.stdout.write(f"{json.dumps(values, ensure_ascii=False)}\n")
            sys.stdout.flush()
        if time.monotonic() - self._line_at >= LINE_EVERY_S:
            self._line_at = time.monotonic()
            say(self.progress.sentence())


class Command:
    """One run with all that its end needs."""

    def __init__(
        self,
        options: argparse.Namespace,
        store: ObjectStore,
        chunk: Chunk,
        lines: OutcomeLines,
        follower: Follower,
    ) -> None:
        self._options, self._store, self._lines, self._follower = options, store, lines, follower
        self._packed = 0
        self._run = FleetRun(
            chunk,
            store,
            deadline_s=options.deadline,
            batch=options.batch or 0,
            retries_failed=options.retry_failed,
            report=lines.add,
            say=say,
        )

    def run(self, marker: str) -> int:
        """Run until the end; returns the exit code.

        Raises:
            OSError: The folder cannot be written.
        """
        run, follower = self._run, self._follower
        try:
            if not run.is_ended:
                self._run_on_fleet(marker)
        except KeyboardInterrupt:
            follower.end(run, STOPPED, STOPPED_TEXT)
            say(STOPPED_TEXT)
            return INTERRUPTED
        except (NoCluster, RunFailed) as error:
            follower.end(run, FAILED, str(error))
            say(f"{error} Finished objects are kept.")
            return FAILED_CODE
        except BaseException as error:
            with suppress(OSError):
                follower.end(run, FAILED, str(error))
            raise
        return self._finish()

    def _run_on_fleet(self, marker: str) -> None:
        try:
            with self._started_makers(marker) as fleet, termination_as_interrupt():
                self._follow(fleet)
        finally:  # only now have all makers ended
            self._run.count_published()
            with self._store.work_folder():
                pass  # removes what they have left behind

    def _follow(self, fleet: Makers) -> None:
        try:
            while not self._run.is_ended:
                self._run.step(fleet)
                self._follower.update(self._run)
                self._collect()
        finally:
            fleet.close()

    @contextmanager
    def _started_makers(self, marker: str) -> Iterator[Makers]:
        """Return the makers of the run."""
        options = self._options
        with connected(options.address, options.cores) as ray:
            settings = self._settings(marker)
            yield Fleet(ray, settings, cores_per_actor=options.cores_per_actor, max_makers=options.actors)

    def _settings(self, marker: str) -> MakerSettings:
        options = self._options
        return MakerSettings(
            out=str(options.out),
            marker=marker,
            threads=1,
            has_gpu=False,
            python=str(options.python or ""),
            batch=options.batch or 0,
            has_latent=options.latents,
            keeps_jobs=options.keep_jobs is not None,
            is_judged=options.judge,
            deadline_s=options.deadline,
            recycle_after=options.recycle,
        )

    def _collect(self) -> None:
        """Pack what is made, and move the jobs that are kept."""
        options, size = self._options, self._options.shards
        if options.keep_jobs:
            deliver_jobs(options.out, options.keep_jobs)
        if size and self._lines.made - self._packed >= size:
            self._packed = self._lines.made
            self._store.pack(size)

    def _finish(self) -> int:
        options, is_stopped = self._options, self._run.is_stopped
        if options.keep_jobs:
            deliver_jobs(options.out, options.keep_jobs)
        if options.shards:
            self._store.pack(options.shards, has_rest=options.finish and not is_stopped)
        if notice := update_manifest(self._store, self._lines.made, is_last=options.finish and not is_stopped):
            say(notice)
        self._follower.end(self._run, STOPPED if is_stopped else FINISHED, STOPPED_TEXT if is_stopped else "")
        code = self._lines.end()
        if is_stopped:
            (options.out / STOP_NAME).unlink(missing_ok=True)
            say(STOPPED_TEXT)
            return INTERRUPTED
        return code
