#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate an object for every prompt in a file, without a window; a second run generates only what is missing.

    blender -b -P scripts/batch_generate.py -- --prompts-file prompts.txt --out here --format blend,glb,ply
    python scripts/batch_generate.py --prompts-file prompts.txt --out here --format glb

One prompt per line; lines that start with # are comments. Files are named after prompt and seed; manifest.json next to
them holds the recipe of each. Only .blend needs Blender, or Python's bpy module. The exit code is 0 if all files exist,
1 if something failed, 2 if the options are invalid.
"""

import argparse
import sys
import time
import traceback
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.client.session import Session
from blender_text3d.environment.paths import default_jobs_dir
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.events import TERMINAL, Failed, Finished
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.models import DEFAULT_QUALITY, OUTPUTS
from blender_text3d.system.console import sanitized, use_lossy_console_encoding
from scripts.cli.batch_manifest import Manifest, Order, orders_of
from scripts.cli.batch_outputs import FORMATS, LACKING, write_formats
from scripts.cli.setting_flags import add_setting_flags, changed_flags
from scripts.generate import BATCH_HELP, batch_size, default_python

POLL_EVERY_S = 0.1
INTERRUPTED = 130


def main() -> int:
    """Generate what is missing and print the table."""
    use_lossy_console_encoding()
    options = options_from(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:])
    options.out.mkdir(parents=True, exist_ok=True)
    lines = options.prompts_file.read_text(encoding="utf-8-sig").splitlines()
    orders, outcomes = orders_of(lines, options)
    manifest = Manifest(options.out)
    todo = [order for order in orders if not manifest.has(order, options.format)]
    outcomes |= {order.name: "exists" for order in orders if order not in todo}
    session = Session(options.jobs_dir, options.worker_python, max_batch_size=options.batch, is_for_blender=False)
    try:
        outcomes |= generate_all(todo, session, manifest, options)
    except KeyboardInterrupt:
        session.cancel_all()
        print("Stopped. Run the same command again to generate the rest.", file=sys.stderr)
        return INTERRUPTED
    finally:
        session.close()
    return print_table(outcomes)


def generate_all(
    todo: list[Order], session: Session, manifest: Manifest, options: argparse.Namespace
) -> dict[str, str]:
    """Generate every object; returns the outcome by order name: "made ..." or the reason it failed."""
    made = {order: job for order in todo if (job := manifest.finished_job(order, options.jobs_dir))}
    outcomes = {order.name: outcome_of(job, order, manifest, options) for order, job in made.items()}
    missing = [order for order in todo if order not in made]
    waiting = dict(zip(session.submit(order.request for order in missing), missing, strict=True))
    while waiting:
        for job, event in session.poll():
            if isinstance(event, TERMINAL):
                order = waiting.pop(job)
                outcomes[order.name] = outcome_of(job, order, manifest, options)
                print(sanitized(f"[{len(outcomes)}/{len(todo)}] {order.name}: {outcomes[order.name]}"), flush=True)
        time.sleep(POLL_EVERY_S)
    return outcomes


def outcome_of(job: JobFolder, order: Order, manifest: Manifest, options: argparse.Namespace) -> str:
    """Write the files of a job that ended; if that fails, only this order fails."""
    event = job.last_event()
    if isinstance(event, Failed):
        return f"FAILED {event.message} {event.fix}"
    if not isinstance(event, Finished):
        return "FAILED It was cancelled. Run the same command again."
    try:
        manifest.record(order, job, write_formats(job, options.out / order.name, options.format))
    except (OSError, ValueError, InvalidJob, RuntimeError) as error:  # RuntimeError is what Blender's operators raise
        return f"FAILED The files could not be written ({error}). The job is in {job.path}."
    return f"made in {event.elapsed_s:.1f} s: {event.vertices} vertices, {event.faces} faces, {event.points} points"


def print_table(outcomes: dict[str, str]) -> int:
    """Print every order with its outcome; returns the exit code."""
    failed = sum(outcome.startswith("FAILED") for outcome in outcomes.values())
    width = max(map(len, outcomes), default=0)
    print()
    for name, outcome in outcomes.items():
        print(sanitized(f"{name:<{width}}  {outcome}"))
    print(f"\n{len(outcomes) - failed} complete, {failed} failed", flush=True)
    return 1 if failed else 0


def options_from(arguments: list[str]) -> argparse.Namespace:
    """Return the parsed and checked command line."""
    parser = argparse.ArgumentParser(prog="batch_generate.py", description=__doc__.splitlines()[0])
    parser.add_argument("--prompts-file", type=Path, required=True, help="one prompt per line")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--format", type=formats, default=("glb",), help=f"comma-separated: {', '.join(FORMATS)}")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first object of each prompt (%(default)s)")
    parser.add_argument("--count", type=int, default=1, help="objects per prompt, with consecutive seeds (%(default)s)")
    parser.add_argument("--quality", default=DEFAULT_QUALITY, help="draft, standard or exact (%(default)s)")
    parser.add_argument("--result", choices=OUTPUTS, default="mesh", help="%(default)s")
    add_setting_flags(parser, is_scene_only=True)
    parser.add_argument("--batch", type=batch_size, help=BATCH_HELP)
    parser.add_argument(
        "--worker-python", type=Path, default=default_python(), help="Python of the worker (%(default)s)"
    )
    parser.add_argument("--jobs-dir", type=Path, default=default_jobs_dir(), help="job folder (%(default)s)")
    options = parser.parse_args(arguments)
    if not options.prompts_file.is_file():
        parser.error(f"the prompts file {options.prompts_file} does not exist")
    if "blend" in options.format and "bpy" not in sys.modules and not find_spec("bpy"):
        parser.error("only Blender, or Python's bpy module, can write .blend: run it as `blender -b -P`")
    if (flags := changed_flags(options, is_scene_only=True)) and "blend" not in options.format:
        parser.error(f"{' and '.join(flags)} only affect .blend: add it to --format")
    for name in set(options.format) & set(LACKING[options.result]):
        parser.error(f"a {options.result} cannot be written as .{name}: leave that out of --format")
    return options


def formats(text: str) -> tuple[str, ...]:
    """Parse comma-separated formats, without repeats."""
    names = tuple(dict.fromkeys(text.replace(" ", "").split(",")))
    if not set(names) <= set(FORMATS):
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(FORMATS)}")
    return names


if __name__ == "__main__":
    try:
        exit_code = main()
    except BadRequest as error:
        print(sanitized(str(error)), file=sys.stderr)
        exit_code = 2
    except Exception:  # Blender would print it and exit with 0
        traceback.print_exc()
        exit_code = 1
    sys.exit(exit_code)
