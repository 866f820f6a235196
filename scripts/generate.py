#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate 3D objects from a shell, with the same worker and recipes as in Blender.

    python scripts/generate.py "a red chair"
    python scripts/generate.py "a red chair" --seed 7 --count 8 --batch 8 --result both --out chairs
    python scripts/generate.py "a red chair" "a blue mug" --size 0.5 --format glb,obj --out here
    python scripts/generate.py "a red chair" --format stl --print-height 60 --out here
    python scripts/generate.py --prompts-file prompts.csv --json
    python scripts/generate.py --image chair.png
    python scripts/generate.py "a red chair" --latent JOB/latent.npz --grid 256 --views 12
    python scripts/generate.py "a red chair" --steps 20 --steps-out steps
    python scripts/generate.py "a red chair" --latent JOB/steps.npz --step 5
    python scripts/generate.py "a red chair" --model mini/three-step --candidates 4 --out chairs
    python scripts/generate.py --model shap-e/three-step --image JOB/view_2.png
    python scripts/generate.py "a red chair" --remote user@host --out here
    python scripts/generate.py --jobs chunk.jsonl --out objects
    python scripts/generate.py --jobs prompts.csv --out objects --entries 1-1000
    python scripts/generate.py --jobs prompts.csv --out objects --part 2/8

Progress goes to stderr. stdout lists the files, or with --json every event and result, one JSON object per line. The
exit code is 0 if all objects were generated, 1 if something failed, 2 if the request is invalid.
"""

import argparse
import sys
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.batch.flags import PROMPTS_HELP, PYTHON_VARIABLE, add_chunk_flags, add_object_flags
from blender_text3d.batch.folders import require_folder
from blender_text3d.batch.prompt_lists.prompt_list import PromptRow, read_prompt_list, rows_of
from blender_text3d.batch.prompt_lists.real_size import with_real_size
from blender_text3d.batch.prompt_lists.row_values import ARTICLES, with_folder
from blender_text3d.batch.prompt_lists.setting_flags import flag_values
from blender_text3d.client.session import News, Session
from blender_text3d.environment.paths import default_jobs_dir
from blender_text3d.protocol.comparison import comparison_requests
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.events import TERMINAL, Finished
from blender_text3d.protocol.exported_files import EXPORT_FORMATS
from blender_text3d.protocol.models import STEPS
from blender_text3d.protocol.request import Request, make_requests
from blender_text3d.system.console import sanitized, use_lossy_console_encoding
from blender_text3d.system.output_stream import CLOSED_PIPE, discard_output
from scripts.cli.chunk_door import require_no_chunk_options, run_chunk
from scripts.cli.comparison_notices import comparison_notices
from scripts.cli.exporter import Exporter
from scripts.cli.format_flags import add_print_height, check_formats, formats, print_notice
from scripts.cli.progress import JsonLines, ProgressLine
from scripts.cli.remote_flags import add_remote_flags, relay_of
from scripts.cli.save_outputs import SaveError, save_result
from scripts.cli.step_files import add_steps_out, discard_decoded, save_steps, submit_decoding, with_kept_steps
from scripts.cli.worker_python import default_python

POLL_EVERY_S = 0.05
FORMAT_HELP = f"comma-separated: {', '.join(EXPORT_FORMATS)}, or none (glb,ply with --out, else glb, or ply for clouds)"
FAILED, UNUSABLE, INTERRUPTED = 1, 2, 130


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; an error is one sentence on stderr and an exit code."""
    use_lossy_console_encoding()
    options = options_from(arguments)
    try:
        if options.jobs is not None and options.remote:
            raise BadRequest("--jobs has no --remote. Run it on that machine, or on many; see docs/many-machines.md.")
        if options.jobs is not None:
            given = sys.argv[1:] if arguments is None else arguments
            return run_chunk(options, given, options.python or default_python())
        require_no_chunk_options(options)
        return generate(requests_from(options), options)
    except BadRequest as error:
        print(sanitized(str(error)), file=sys.stderr)
        return UNUSABLE
    except InvalidJob as error:
        print(sanitized(str(error)), file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        discard_output()
        return CLOSED_PIPE


def generate(requests: list[Request], options: argparse.Namespace) -> int:
    """Generate the objects and report them; returns the exit code."""
    python = options.python or default_python()
    relay = relay_of(options)
    session = Session(options.jobs_dir, python, max_batch_size=options.batch, is_for_blender=False)
    session.worker.relay = relay
    show = JsonLines(sys.stdout) if options.json else ProgressLine(sys.stderr, sys.stdout)
    try:
        for job in session.submit(requests):
            job.set_watched(options.previews)
        ends = follow(session, show)
        steps = decoded_steps(ends, session, show) if options.steps_out else []
    except KeyboardInterrupt:
        session.cancel_all()
        follow(session, show)
        return INTERRUPTED
    except BrokenPipeError:  # nobody reads any more: end the jobs, too
        session.cancel_all()
        follow(session, None)
        raise
    finally:
        session.close()
    return report(ends, steps, show, Exporter(python, options.print_height), options)


def decoded_steps(ends: list[News], session: Session, show: JsonLines | ProgressLine) -> list[News]:
    """Decode the steps of all finished jobs; returns the jobs that hold the geometry of steps, with their ends."""
    kept = submit_decoding(ends, session)
    of_steps = [(job, last) for job, last in ends if job in kept or job.read_request().outputs == STEPS]
    return of_steps + follow(session, show)


def report(
    ends: list[News],
    steps: list[News],
    show: JsonLines | ProgressLine,
    exporter: Exporter,
    options: argparse.Namespace,
) -> int:
    """Save the files of all finished jobs, and those of steps, and print their paths; returns the exit code."""
    tasks = [(job, last, partial(save_result, out=options.out, formats=options.format)) for job, last in ends]
    tasks = [task for task in tasks if task[0] not in dict(steps) or "steps" in getattr(task[1], "files", {})]
    tasks += [(job, last, partial(save_steps, out=options.steps_out)) for job, last in steps]
    is_complete = True
    try:
        for job, last, save in tasks:
            if not isinstance(last, Finished):
                is_complete = False
                continue
            try:
                show.result(job, last, save(job, last, exporter=exporter))
            except (InvalidJob, SaveError) as error:
                print(sanitized(str(error)), file=sys.stderr)
                is_complete = False
    finally:
        exporter.close()
        discard_decoded(job for job, _ in steps)
    return 0 if is_complete else FAILED


def follow(session: Session, show: JsonLines | ProgressLine | None) -> list[News]:
    """Show events until every job has ended; returns the last event of each."""
    ends = []
    while True:
        for job, event in session.poll():
            if show:
                show.event(job, event)
            if isinstance(event, TERMINAL):
                ends.append((job, event))
        if not session.jobs:
            return ends
        time.sleep(POLL_EVERY_S)


def requests_from(options: argparse.Namespace) -> list[Request]:
    """Return complete requests for every prompt.

    Raises:
        BadRequest: A request is invalid, or a file or folder cannot be used; nothing was started.
    """
    if options.prompt and options.prompts_file is not None:
        raise BadRequest("Name prompts or --prompts-file, not both.")
    requests = [request for row in rows_from(options) for request in requests_of(row, options)]
    for notice in comparison_notices(requests, options.model) if options.compare else ():
        print(sanitized(notice), file=sys.stderr)
    if options.steps_out is not None:
        require_folder(options.steps_out, "--steps-out")
        requests = list(map(with_kept_steps, requests))
    wanted = options.format or ()
    check_formats(wanted, options.outputs, options.print_height)
    if notice := print_notice(wanted, {request.size_m for request in requests}, options.print_height):
        print(notice, file=sys.stderr)
    if options.out is not None:
        require_folder(options.out, "--out")
    require_folder(options.jobs_dir, "--jobs-dir")
    return requests


def rows_from(options: argparse.Namespace) -> list[PromptRow]:
    """Return the prompts of the command line, or those of the file.

    Raises:
        BadRequest: The file cannot be used, or the prompts are the words of one prompt.
    """
    if options.prompts_file is None:
        if len(options.prompt) > 1 and options.prompt[0].lower() in ARTICLES:
            whole = " ".join(options.prompt)
            raise BadRequest(f'Each argument is a prompt. Write one of several words in quotes: "{whole}".')
        return rows_of(options.prompt or [""])
    prompts = read_prompt_list(options.prompts_file)
    for notice in prompts.notices:
        print(sanitized(notice), file=sys.stderr)
    return prompts.rows


def requests_of(row: PromptRow, options: argparse.Namespace) -> list[Request]:
    """Return the requests of one prompt.

    Raises:
        BadRequest: One is invalid.
    """
    if row.error:
        raise BadRequest(f"{row.place}: {row.error}")
    if options.compare and options.guidance is not None:
        raise BadRequest("--compare takes no --guidance, because the scales of both models differ. Leave it out.")
    own = with_folder({"count": options.count, "seed": options.seed, **flag_values(options), **row.values})
    count = own.pop("count")
    make = comparison_requests if options.compare else partial(make_requests, count=count)
    try:
        own = with_real_size(row.prompt, own)
        return make(row.prompt, viewer="spawn" if options.live else "", **own)
    except BadRequest as error:
        if options.prompts_file is None:
            raise
        raise BadRequest(f"{row.place}: {error}") from error


def options_from(arguments: list[str] | None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="generate.py", description=__doc__.splitlines()[0])
    parser.add_argument("prompt", nargs="*", help='such as "a red chair"; several prompts are several jobs')
    parser.add_argument("--prompts-file", type=Path, help=PROMPTS_HELP)
    add_chunk_flags(parser)
    parser.add_argument(
        "--previews", action="store_true", help="write preview.npz and record it while the object forms (slower)"
    )
    add_object_flags(parser)
    add_remote_flags(parser)
    parser.add_argument(
        "--compare", action="store_true", help="one object by Point-E, one by Shap-E, one recording for both"
    )
    parser.add_argument("--live", action="store_true", help="open a Rerun viewer")
    parser.add_argument("--format", type=formats, help=FORMAT_HELP)
    add_print_height(parser)
    add_steps_out(parser)
    parser.add_argument("--out", type=Path, help="save all files of a job to this folder (left in the job folders)")
    parser.add_argument("--json", action="store_true", help="print every event and result as JSON lines")
    parser.add_argument("--python", type=Path, help=f"Python of the worker (${PYTHON_VARIABLE}, this one, or Setup's)")
    parser.add_argument("--jobs-dir", type=Path, default=default_jobs_dir(), help="job folder (%(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
