#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""List, compact and delete job folders.

    python scripts/jobs.py list
    python scripts/jobs.py compact
    python scripts/jobs.py compact --drop-recordings --older-than 30
    python scripts/jobs.py delete 20261128-223707-a-red-chair-dbac92
    python scripts/jobs.py delete --older-than 90 --keep-starred --yes

compact loses nothing that cannot be written again: it compresses geometry, and deletes previews and exported files.
Without names, compact and delete take all jobs that have ended; delete then needs --yes. The exit code is 0 if
everything was done, 1 if a job could not be changed, 2 if the options are invalid.
"""

import argparse
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.client import recovery
from blender_text3d.client.results.compact import compact
from blender_text3d.client.results.delete import delete_result, size_bytes
from blender_text3d.client.results.entry import file_version, is_own_folder, stored_request
from blender_text3d.client.results.marks import STARRED, is_marked
from blender_text3d.environment.paths import default_jobs_dir
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.system.console import sanitized, use_lossy_console_encoding
from blender_text3d.system.output_stream import CLOSED_PIPE, discard_output
from blender_text3d.system.untrusted_files import is_plain_name

FAILED, UNUSABLE = 1, 2
DAY_S = 24 * 3600.0
ENDED = {"finished", "cancelled", "failed", "interrupted"}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; an error is one sentence on stderr and an exit code."""
    use_lossy_console_encoding()
    options = options_from(arguments)
    try:
        return options.run(chosen_jobs(options), options)
    except BadRequest as error:
        print(sanitized(str(error)), file=sys.stderr)
        return UNUSABLE
    except BrokenPipeError:
        discard_output()
        return CLOSED_PIPE


def chosen_jobs(options: argparse.Namespace) -> list[JobFolder]:
    """Return the jobs that the options choose, oldest first.

    Raises:
        BadRequest: A name is no job, or the jobs folder cannot be read.
    """
    if not options.jobs_dir.is_dir():
        raise BadRequest(f"There is no jobs folder {options.jobs_dir}. Choose another one with --jobs-dir.")
    if options.job:
        jobs = [named_job(options.jobs_dir, name) for name in options.job]
    else:
        jobs = [job for job in recovery.job_folders(options.jobs_dir) if is_own_folder(job.path)]
    newest_s = time.time() - options.older_than * DAY_S
    jobs = [job for job in jobs if not options.older_than or created_s(job) <= newest_s]
    return [job for job in jobs if not (options.keep_starred and is_marked(job, STARRED))]


def named_job(jobs_dir: Path, name: str) -> JobFolder:
    """Return a job by the name or path of its folder.

    Raises:
        BadRequest: There is no such job in the jobs folder.
    """
    path = Path(name)
    folder = JobFolder(jobs_dir / path.name)
    is_elsewhere = len(path.parts) > 1 and path.absolute().parent.resolve() != jobs_dir.resolve()
    if is_elsewhere or not is_plain_name(path.name) or not is_own_folder(folder.path):
        raise BadRequest(f"There is no job {sanitized(name)} in {jobs_dir}. See `jobs.py list`.")
    return folder


def created_s(job: JobFolder) -> float:
    """Return the Unix time at which a job was created, or that of its file if it does not say."""
    request, version = stored_request(job), file_version(job.request)
    return (request.created if request else 0.0) or (version.time_ns / 1e9 if version else 0.0)


def list_jobs(jobs: list[JobFolder], options: argparse.Namespace) -> int:
    """Print a line for each job, and the sum."""
    total, width = 0, max((len(job.job_id) for job in jobs), default=0)
    for job in jobs:
        size, request = size_bytes(job), stored_request(job)
        total += size
        star = "*" if is_marked(job, STARRED) else " "
        state, prompt = recovery.state(job), request.prompt if request else ""
        print(sanitized(f"{job.job_id:<{width}}  {megabytes(size):>9}  {state:<11} {star} {prompt}"))
    print(f"{counted(jobs)}, {megabytes(total)}", flush=True)
    return 0


def compact_jobs(jobs: list[JobFolder], options: argparse.Namespace) -> int:
    """Compact every job that has finished."""
    return change_jobs(
        ended(jobs, options, {"finished"}),
        "compacted",
        lambda job: compact(job, with_recording=not options.drop_recordings),
    )


def delete_jobs(jobs: list[JobFolder], options: argparse.Namespace) -> int:
    """Delete every job that has ended.

    Raises:
        BadRequest: All jobs are chosen, and the user has not agreed.
    """
    jobs = ended(jobs, options)
    if not options.job and not options.yes:
        size = megabytes(sum(map(size_bytes, jobs)))
        raise BadRequest(f"This would delete {counted(jobs)}, {size}, for good. Add --yes to do it.")
    return change_jobs(jobs, "deleted", delete)


def delete(job: JobFolder) -> int:
    """Delete a job; returns the number of bytes that were freed."""
    size = size_bytes(job)
    delete_result(job)
    return size


def ended(jobs: list[JobFolder], options: argparse.Namespace, states: Collection[str] = ENDED) -> list[JobFolder]:
    """Return the jobs in one of the states, unless they were named: then each is tried, or refused with the reason."""
    return jobs if options.job else [job for job in jobs if recovery.state(job) in states]


def change_jobs(jobs: list[JobFolder], done: str, change: Callable[[JobFolder], int]) -> int:
    """Change jobs one by one and print what that frees; returns the exit code."""
    freed = failed = 0
    for job in jobs:
        try:
            freed += change(job)
        except (InvalidJob, OSError) as error:
            failed += 1
            print(sanitized(str(error)), file=sys.stderr)
    print(f"{counted(jobs, failed)} {done}, {megabytes(freed)} freed", flush=True)
    return FAILED if failed else 0


def counted(jobs: list[JobFolder], failed: int = 0) -> str:
    """Return the number of jobs with its noun."""
    count = len(jobs) - failed
    return f"{count} job" if count == 1 else f"{count} jobs"


def megabytes(count: int) -> str:
    """Return a number of bytes in megabytes."""
    return f"{count / 1e6:.1f} MB"


def days(text: str) -> float:
    """Parse a number of days."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e5:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days")
    return number


def options_from(arguments: list[str] | None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="jobs.py", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="action", required=True)
    for name, run, text in (
        ("list", list_jobs, "print job, size, state, star and prompt"),
        ("compact", compact_jobs, "make jobs smaller, and lose nothing that cannot be written again"),
        ("delete", delete_jobs, "delete jobs for good"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("job", nargs="*", help="name of a job folder (all)")
        command.add_argument("--older-than", type=days, default=0.0, metavar="DAYS", help="only jobs of that age")
        command.add_argument("--keep-starred", action="store_true", help="leave starred jobs alone")
        command.add_argument("--jobs-dir", type=Path, default=default_jobs_dir(), help="job folder (%(default)s)")
        command.set_defaults(run=run)
        if name == "compact":
            text = "delete recordings, too, which cannot be written again"
            command.add_argument("--drop-recordings", action="store_true", help=text)
        if name == "delete":
            command.add_argument("--yes", action="store_true", help="needed to delete jobs that are not named")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
